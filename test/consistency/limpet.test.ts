import { expect, test } from 'vitest'
import { printViolation } from './checker/print.ts'
import { faultNames } from './driver/nemesis.ts'
import { run } from './driver/run.ts'

test('20 seconds of overlapping requests on three backends, with every fault, and no violation', async () => {
  const seed = Math.floor(Math.random() * 1_000_000)
  const { report, history } = await run({ target: 'limpet', seconds: 20, seed, faults: faultNames })
  const seen = history.faults.map(({ name }) => name)
  const story = `seed ${seed}, faults ${seen.join(', ')}\n${report.violations.slice(0, 5).map(printViolation).join('\n')}`
  expect(report.violations.length, story).toBe(0)
  expect(new Set(seen).size, story).toBeGreaterThanOrEqual(3)
  // What is excused because no cookie could know has to stay the exception.
  expect(report.late.length + report.untold.length, story).toBeLessThan(report.ok / 20)
  // Few enough for a slow machine, and far more than could pass unharmed by chance.
  expect(report.ok, story).toBeGreaterThan(500)
  expect(
    history.ops.filter(({ kind, outcome }) => kind === 'logout' && outcome === 'ok').length,
    story,
  ).toBeGreaterThan(10)
  const told = new Set(history.ops.flatMap(({ story }) => story ?? []))
  expect(told.size, story).toBeGreaterThan(20)
  expect(history.ops.filter(({ kind, outcome }) => kind === 'add' && outcome === 'ok').length, story).toBeGreaterThan(
    50,
  )
}, 120_000)
