import { expect, test } from 'vitest'
import { check } from './checker/check.ts'
import { Scribe } from './scribe.ts'

function kindsOf(scribe: Scribe, grace?: number): string[] {
  return check(scribe.history(), grace === undefined ? undefined : { grace }).violations.map(({ kind }) => kind)
}

test('overlapping adds in any order, and reads between them, are fine', () => {
  const s = new Scribe()
  s.read('n', null, [0, 1])
  s.add('n', 2, [2, 10])
  s.add('n', 1, [3, 9])
  s.read('n', 1, [4, 8])
  s.add('n', 3, [11, 12])
  s.read('n', 3, [13, 14])
  expect(kindsOf(s)).toEqual([])
})

test('two adds that returned the same value lost an update', () => {
  const s = new Scribe()
  s.add('n', 1, [0, 10])
  s.add('n', 1, [0, 11])
  expect(kindsOf(s)).toEqual(['lost-update'])
})

test('an add that starts from less than was acknowledged lost an update', () => {
  const s = new Scribe()
  s.add('n', 1, [0, 1])
  s.add('n', 2, [2, 3])
  s.add('n', 2, [4, 5])
  expect(kindsOf(s)).toEqual(['lost-update'])
})

test('a read that shows fewer than the acknowledged adds: lost, when the next add shows it too', () => {
  const s = new Scribe()
  s.add('n', 1, [0, 10])
  s.add('n', 2, [0, 11])
  s.read('n', 1, [12, 13])
  s.add('n', 2, [14, 15])
  expect(kindsOf(s)).toEqual(['lost-update'])
})

test('a read that shows too little, once: the client did not read its own write', () => {
  const s = new Scribe()
  s.add('n', 1, [0, 1])
  s.add('n', 2, [2, 3])
  s.read('n', 1, [4, 5])
  s.add('n', 3, [6, 7])
  expect(kindsOf(s)).toEqual(['read-your-writes'])
})

test('a read that shows less than an earlier read, while the add is still under way', () => {
  const s = new Scribe()
  const slow = s.add('n', 1, [0, 100])
  s.read('n', 1, [2, 3])
  s.read('n', null, [4, 5])
  s.read('n', 1, [101, 102], { cookieFrom: slow.id })
  expect(kindsOf(s)).toEqual(['monotonic-reads'])
})

test('an add without an answer counts or does not', () => {
  const s = new Scribe()
  s.add('n', 1, [0, 1])
  s.add('n', 0, [2, 3], { outcome: 'unknown' })
  s.read('n', 1, [4, 5])
  s.read('n', 2, [6, 7])
  s.add('n', 3, [8, 9])
  expect(kindsOf(s)).toEqual([])
})

test('more than was added: an add that was reported as failed happened, or one happened twice', () => {
  const s = new Scribe()
  s.add('n', 1, [0, 1])
  s.add('n', 0, [2, 3], { outcome: 'fail' })
  s.read('n', 2, [4, 5])
  s.read('n', 2, [6, 7])
  expect(kindsOf(s)).toEqual(['failed-write-happened'])
})

test('a counter that goes on where an earlier session of the client ended', () => {
  const s = new Scribe()
  s.add('n', 1, [0, 1])
  s.logout([2, 3])
  s.add('n', 2, [4, 5], { incarnation: 2 })
  expect(kindsOf(s)).toEqual(['resurrected'])
})

test('what a failover gave back to a counter stays excused, however long the session lives', () => {
  const s = new Scribe()
  s.add('n', 1, [0, 1])
  s.logout([2, 3])
  s.failover(4, 5)
  s.add('n', 2, [6, 7], { incarnation: 2 })
  s.read('n', 2, [60_000, 60_001], { incarnation: 2 })
  expect(kindsOf(s)).toEqual([])
})

test('a failover gives back only what had ended before it', () => {
  const s = new Scribe()
  s.add('n', 1, [0, 1])
  s.failover(2, 3)
  s.logout([4, 5])
  s.add('n', 2, [6, 7], { incarnation: 2 })
  expect(kindsOf(s)).toEqual(['resurrected'])
})

test('an overtaken cookie excuses a read for as long as the grace, and never an add', () => {
  const s = new Scribe()
  const first = s.write('k', 'a', [0, 1])
  const slow = s.read('k', 'a', [2, 50], { cookieFrom: first.id })
  s.add('n', 1, [10, 20], { cookieFrom: first.id })
  s.read('n', null, [60, 61], { cookieFrom: slow.id })
  s.add('n', 2, [70, 71])
  expect(kindsOf(s, 40)).toEqual([])
  expect(kindsOf(s, 39)).toEqual(['read-your-writes'])
  s.add('n', 2, [72, 73], { cookieFrom: slow.id })
  expect(kindsOf(s, 40)).toEqual(['lost-update'])
})
