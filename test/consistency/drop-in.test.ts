import { expect, test } from 'vitest'
import { printViolation } from './checker/print.ts'
import { faultNames } from './driver/nemesis.ts'
import { run } from './driver/run.ts'

/**
 * An application of express-session computes the next number itself, so two requests can make the same: that is what
 * `conflict: { counters }` is for. Nothing else may be lost, and nothing come back.
 */
test("express-session's own application on the drop-in: with faults, no write to another key is lost and no logout undone", async () => {
  const seed = Math.floor(Math.random() * 1_000_000)
  const { report, history } = await run({ target: 'drop-in', seconds: 8, seed, faults: faultNames })
  const seen = history.faults.map(({ name }) => name)
  const found = report.violations.filter(({ kind }) => kind !== 'lost-update')
  expect(found.length, `seed ${seed}, faults ${seen}\n${found.slice(0, 3).map(printViolation).join('\n')}`).toBe(0)
  expect(report.ok).toBeGreaterThan(200)
}, 60_000)
