import { expect, test } from 'vitest'
import { check } from './checker/check.ts'
import { Scribe } from './scribe.ts'

function kindsOf(scribe: Scribe): string[] {
  return check(scribe.history(), { grace: 1000 }).violations.map(({ kind }) => kind)
}

test('a session that goes on under its id, whatever that is called, and one that a logout ended', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1], { session: 'A' })
  s.read('k', 'a', [2, 3], { session: 'A' })
  s.logout([4, 5], { session: 'B' })
  s.read('k', null, [6, 7], { incarnation: 2, session: 'B' })
  s.login([8, 9], { incarnation: 2, session: 'C' })
  s.read('k', null, [10, 11], { incarnation: 2, session: 'C' })
  expect(kindsOf(s)).toEqual([])
})

test('a session that was replaced although nobody had ended it is lost, and told once', () => {
  const s = new Scribe()
  s.read('k', null, [0, 1], { session: 'A', cookieFrom: -1 })
  s.read('k', null, [2, 3], { session: 'B' })
  s.read('k', null, [4, 5], { session: 'C' })
  expect(kindsOf(s)).toEqual(['session-lost'])
})

test('the cookie of a slow response from before a logout came after it: its session has ended', () => {
  const s = new Scribe()
  const first = s.write('k', 'a', [0, 1], { session: 'A' })
  const slow = s.read('k', null, [2, 9], { session: 'A', cookieFrom: first.id })
  s.logout([3, 5], { session: 'B', cookieFrom: first.id })
  s.read('k', null, [10, 11], { incarnation: 2, session: 'C', cookieFrom: slow.id })
  expect(kindsOf(s)).toEqual([])
})

test('a loss is announced that a session has not lived to see', () => {
  const s = new Scribe()
  s.failover(0, 5)
  s.write('k', 'a', [6, 7])
  s.read('k', 'a', [8, 9], { behind: true })
  expect(kindsOf(s)).toEqual(['false-announcement'])
})

test('a backend that stands still blames Redis', () => {
  const s = new Scribe()
  s.faults.push({ name: 'lag', start: 1000, end: 3000, lossy: false, backend: 1 })
  s.write('k', 'a', [990, 2500], { boot: 1 })
  s.write('k', 'b', [1100, 1200], { boot: 2, outcome: 'fail', refused: true })
  s.write('k', 'c', [1100, 1200], { outcome: 'unknown' })
  s.write('k', 'd', [500, 1100], { boot: 1, outcome: 'fail' })
  expect(kindsOf(s)).toEqual([])
  s.write('k', 'e', [990, 2500], { boot: 1, outcome: 'fail', detail: '503 ERR_LIMPET_STORE' })
  s.write('k', 'f', [2600, 2601], { boot: 1, outcome: 'fail', detail: '503 ERR_LIMPET_STORE' })
  expect(kindsOf(s)).toEqual(['false-outage'])
})
