import { expect, test } from 'vitest'
import { readsWhileReadOnly, timesToAnswer } from './figures.ts'
import { Scribe } from './scribe.ts'

const boot = 1

test('the time to answer counts what clients waited for, in vain too, without what the client itself had asked for', () => {
  const s = new Scribe()
  for (let time = 1; time <= 98; time++) s.read('k', null, [0, time], { boot })
  s.read('k', null, [0, 600], { boot, waited: 501 })
  s.read('k', null, [0, 9000], { outcome: 'unknown' })
  s.write('k', 'a', [0, 9000], { boot, lost: true })
  expect(timesToAnswer(s.history())).toEqual({ median: 51, p99: 9000 })
  expect(timesToAnswer({ ops: [], faults: [] })).toEqual({ median: 0, p99: 0 })
})

test('reads count that lie wholly in a time in which Redis refused writes', () => {
  const s = new Scribe()
  s.faults.push({ name: 'readonly', start: 10, end: 20, lossy: false })
  s.read('k', null, [9, 11], { outcome: 'unknown' })
  s.read('k', null, [11, 12])
  s.read('k', null, [13, 14], { outcome: 'unknown' })
  s.write('k', 'a', [15, 16], { outcome: 'fail' })
  expect(readsWhileReadOnly(s.history())).toEqual({ ok: 1, all: 2 })
})
