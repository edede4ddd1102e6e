import { expect, test } from 'vitest'
import { check } from './checker/check.ts'
import { printFaults, printViolation } from './checker/print.ts'
import { Scribe } from './scribe.ts'

function kindsOf(scribe: Scribe, grace?: number): string[] {
  return check(scribe.history(), grace === undefined ? undefined : { grace }).violations.map(({ kind }) => kind)
}

test('reads that follow the writes are fine', () => {
  const s = new Scribe()
  s.read('k', null, [0, 1])
  s.write('k', 'a', [2, 3])
  s.read('k', 'a', [4, 5])
  s.write('k', 'b', [6, 7])
  s.read('k', 'b', [8, 9])
  s.read('other', null, [8, 9])
  expect(kindsOf(s)).toEqual([])
})

test('a client that does not read its own write', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 3])
  s.read('k', 'a', [4, 5])
  s.read('k', 'b', [6, 7])
  expect(kindsOf(s)).toEqual(['read-your-writes'])
})

test('a read that overlaps the write may return either value, and so may a second one that overlaps the first', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 10])
  s.read('k', 'b', [3, 6])
  s.read('k', 'a', [4, 5])
  expect(kindsOf(s)).toEqual([])
})

test('a client that goes back in time while the write is still under way', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  const slow = s.write('k', 'b', [2, 20])
  s.read('k', 'b', [3, 4])
  s.read('k', 'a', [5, 6])
  s.read('k', 'b', [21, 22], { cookieFrom: slow.id })
  expect(kindsOf(s)).toEqual(['monotonic-reads'])
})

test('overlapping writes have no order until a read shows one, and then keep it', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 10])
  s.write('k', 'b', [0, 10])
  s.read('k', 'b', [11, 12])
  s.read('k', 'a', [13, 14])
  expect(kindsOf(s)).toEqual(['lost-write'])

  const fine = new Scribe()
  fine.write('k', 'a', [0, 10])
  fine.write('k', 'b', [0, 10])
  fine.read('k', 'a', [11, 12])
  fine.read('k', 'a', [13, 14])
  expect(kindsOf(fine)).toEqual([])
})

test('an acknowledged write that never comes back is lost, and counted once however often it is missed', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 3])
  for (let time = 4; time < 20; time += 2) s.read('k', 'a', [time, time + 1])
  expect(kindsOf(s)).toEqual(['lost-write'])
})

test('a key that was written and is not there', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.read('k', null, [2, 3])
  expect(kindsOf(s)).toEqual(['lost-write'])
})

test('a write without an answer may happen at any later time, but not be undone once it was seen', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 3], { outcome: 'unknown' })
  s.read('k', 'a', [10, 11])
  s.write('k', 'c', [12, 13])
  s.read('k', 'b', [20, 21])
  expect(kindsOf(s)).toEqual([])
  s.read('k', 'a', [22, 23])
  expect(kindsOf(s)).toHaveLength(1)
})

test('a write that was reported as failed and happened', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 3], { outcome: 'fail' })
  s.read('k', 'a', [4, 5])
  expect(kindsOf(s)).toEqual([])
  s.read('k', 'b', [6, 7])
  s.read('k', 'b', [8, 9])
  expect(kindsOf(s)).toEqual(['failed-write-happened'])
})

test('a read that says it is stale is counted, and proves nothing', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 3])
  s.read('k', 'a', [4, 5], { stale: true })
  s.read('k', 'b', [6, 7])
  const report = check(s.history())
  expect(report.violations).toEqual([])
  expect(report.announcedStale).toBe(1)
})

test('a cookie that an older response had set last knows nothing: excused for as long as the grace', () => {
  const s = new Scribe()
  const first = s.write('k', 'a', [0, 1])
  const slow = s.read('other', null, [2, 50], { cookieFrom: first.id })
  s.write('k', 'b', [10, 20], { cookieFrom: first.id })
  s.read('k', 'a', [60, 61], { cookieFrom: slow.id })
  s.read('k', 'b', [70, 71])
  expect(kindsOf(s, 30)).toEqual(['read-your-writes'])
  const report = check(s.history(), { grace: 40 })
  expect(report.violations).toEqual([])
  expect(report.late.map(({ kind, excuse }) => [kind, excuse])).toEqual([
    ['read-your-writes', { kind: 'late', after: 40 }],
  ])
})

test('a cookie knows what the cookies knew from which it came', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  const write = s.write('k', 'b', [2, 3])
  const next = s.read('other', null, [4, 5], { cookieFrom: write.id })
  s.read('k', 'a', [6, 7], { cookieFrom: next.id })
  s.read('k', 'b', [8, 9])
  expect(kindsOf(s, 1000)).toEqual(['read-your-writes'])
})

test('sessions and clients are judged apart', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1], { client: 1 })
  s.read('k', null, [2, 3], { client: 2 })
  s.read('k', null, [4, 5], { client: 1, incarnation: 2 })
  expect(kindsOf(s)).toEqual([])
})

test('a violation is told with the operations that contradict each other, and no others', () => {
  const s = new Scribe()
  for (let time = 0; time < 100; time += 2) s.read('k', null, [time, time + 1])
  s.write('k', 'a', [101, 102])
  s.write('k', 'b', [103, 104])
  s.read('k', 'b', [105, 106])
  s.read('k', 'a', [107, 108])
  s.read('k', 'b', [109, 110])
  const [violation] = check(s.history()).violations
  expect(violation?.witnesses.map(({ id }) => id)).toEqual([51, 52, 54])
  expect(violation && printViolation(violation)).toBe(
    [
      'read-your-writes (client 0, session 1, key k)',
      '  #54 returned a, which is older than b, which #52 had written before',
      '    c0     101.0 ..     102.0  #51 b0 write k = a  ok  (cookie of #50)',
      '    c0     103.0 ..     104.0  #52 b0 write k = b  ok  (cookie of #51)',
      '    c0     107.0 ..     108.0  #54 b0 read k -> a  ok  (cookie of #53)',
    ].join('\n'),
  )
})

test('beside a violation stand the faults of that time', () => {
  const s = new Scribe()
  s.write('k', 'a', [5000, 5001])
  s.read('k', null, [5002, 5003])
  s.faults.push({ name: 'cut', start: 100, end: 200, lossy: false })
  s.faults.push({ name: 'kill', start: 4000, end: 4500, lossy: false, backend: 1 })
  s.faults.push({ name: 'hold', start: 6000, end: 7000, lossy: false })
  const [violation] = check(s.history()).violations
  expect(violation && printFaults(violation, s.faults)).toBe('          4000.0 ..    4500.0  kill of backend 1\n')
})

test('a read that could have been late is not taken for the order of two writes that overlap', () => {
  const history = (lateCookie: boolean, last = 600) => {
    const s = new Scribe()
    const base = s.write('k', 'before', [0, 10])
    const slow = s.write('k', 'a', [100, 270], { cookieFrom: base.id })
    const quick = s.write('k', 'b', [124, 212], { cookieFrom: base.id })
    // From a copy of the backend that wrote a, and that has not heard of b.
    s.read('k', 'a', [271, 272], { cookieFrom: lateCookie ? base.id : quick.id })
    if (last < 1000) s.read('k', 'b', [313, 497], { cookieFrom: slow.id })
    s.read('k', 'b', [last, last + 10], { cookieFrom: last < 1000 ? slow.id : quick.id })
    return s
  }
  expect(kindsOf(history(true), 500)).toEqual([])
  expect(kindsOf(history(true, 5000), 500), 'however late the truth is seen').toEqual([])
  expect(kindsOf(history(true)), 'a library without such terms has no excuse').not.toEqual([])
  expect(kindsOf(history(false), 500), 'the cookie knew').not.toEqual([])
  expect(kindsOf(history(false, 5000), 500), 'the cookie knew').not.toEqual([])
})
