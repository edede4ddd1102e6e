import { expect, test } from 'vitest'
import { printViolation } from './checker/print.ts'
import type { FaultName } from './driver/nemesis.ts'
import { run } from './driver/run.ts'

/** None that ends a process: then each backend has one life, and who answers at another one's address is another one. */
const FAULTS: readonly FaultName[] = ['pause', 'hold', 'slow-one', 'second-cut', 'evict']

test('8 seconds in which requests go to the owners of their sessions, with faults of Redis and its network, and no violation', async () => {
  const seed = Math.floor(Math.random() * 1_000_000)
  const { report, history } = await run({ target: 'limpet-forward', seconds: 8, seed, faults: FAULTS })
  const story = `seed ${seed}\n${report.violations.slice(0, 5).map(printViolation).join('\n')}`
  expect(report.violations.length, story).toBe(0)
  expect(report.ok, story).toBeGreaterThan(100)
  const answeredAt = (backend: number) =>
    new Set(history.ops.filter((op) => op.backend === backend).flatMap(({ boot }) => boot ?? []))
  for (const backend of [0, 1, 2]) expect(answeredAt(backend).size, story).toBe(3)
}, 90_000)
