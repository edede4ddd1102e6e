import { expect, test } from 'vitest'
import { check } from './checker/check.ts'
import type { Op, Value } from './history.ts'
import { Scribe } from './scribe.ts'

const idle = 2000

/** A session that is written to at 0, and read at these times. */
function story(...reads: readonly (readonly [time: number, value: Value, extra?: Partial<Op>])[]): string[] {
  const s = new Scribe()
  s.write('note', 'n', [0, 10], { story: 1, idle, arrived: 1, acted: 1 })
  for (const [time, value, extra] of reads) {
    s.read('note', value, [time, time + 10], { story: 1, idle, arrived: time + 1, acted: time + 1, ...extra })
  }
  return check(s.history(), { grace: 1000 }).violations.map(({ kind }) => kind)
}

test('a session in use lives, and ends by itself when it is not', () => {
  expect(story([800, 'n'], [1600, 'n'], [2400, 'n'], [5900, null], [5950, null])).toEqual([])
})

test('a session in use that is gone is lost; when one gap was long enough, it may be', () => {
  expect(story([800, 'n'], [1600, null])).toEqual(['session-lost'])
  expect(story([1900, null], [2000, null])).toEqual([])
})

test('a session that is shown after its timeout has outlived it', () => {
  expect(story([3500, 'n'])).toEqual(['outlived'])
  expect(story([3500, 'n', { stale: true }])).toEqual(['outlived'])
  expect(story([2500, 'n'])).toEqual([])
})

test('a request that runs for longer than its session lives sees nothing at its end, and never that something was lost', () => {
  const slow = { waited: 3500, acted: 4320, finish: 4330 }
  expect(story([800, null, slow])).toEqual([])
  expect(story([800, 'n', slow])).toEqual(['outlived'])
  expect(story([800, null, { ...slow, behind: true }])).toEqual(['false-announcement'])
})

test('a request that failed is a use, as its cookie shows', () => {
  expect(story([800, 'n'], [1600, null, { outcome: 'unknown', finish: 3900 }], [5000, 'n'])).toEqual([])
  expect(story([800, 'n'], [1600, null, { outcome: 'unknown', finish: 1900 }], [5000, 'n'])).toEqual(['outlived'])
})

test('a request that failed proves neither', () => {
  expect(story([800, null, { outcome: 'unknown' }], [1600, null])).toEqual([])
})
