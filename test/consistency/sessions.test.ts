import { expect, test } from 'vitest'
import { check } from './checker/check.ts'
import { Scribe } from './scribe.ts'

function kindsOf(scribe: Scribe, grace?: number): string[] {
  return check(scribe.history(), grace === undefined ? undefined : { grace }).violations.map(({ kind }) => kind)
}

test('a logout ends the session: nothing is read, and nothing is expected of what overlapped it', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 20], { outcome: 'fail', detail: '409 ERR_LIMPET_DESTROYED' })
  s.read('k', null, [3, 9])
  const logout = s.logout([4, 5])
  s.ghost(logout, 'k', null, [21, 22])
  s.read('k', null, [23, 24], { incarnation: 2 })
  expect(kindsOf(s)).toEqual([])
})

test('a logout that failed ends the session for the backend that was asked; one that reached nobody does not', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.logout([2, 3], { outcome: 'fail', boot: 7 })
  s.read('k', null, [4, 5])
  expect(kindsOf(s)).toEqual([])

  const nobody = new Scribe()
  nobody.write('k', 'a', [0, 1])
  nobody.logout([2, 3], { outcome: 'fail' })
  nobody.read('k', null, [4, 5])
  expect(kindsOf(nobody)).toEqual(['lost-write'])
})

test('the old cookie brings a session back after logout', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  const logout = s.logout([2, 3])
  s.ghost(logout, 'k', 'a', [4, 5])
  s.ghost(logout, 'j', 'a', [4, 5])
  expect(kindsOf(s)).toEqual(['resurrected'])
})

test('a backend that has not heard of the logout yet is excused for as long as the grace, and counted', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  const logout = s.logout([2, 3])
  s.ghost(logout, 'k', 'a', [4, 5])
  const report = check(s.history(), { grace: 10 })
  expect(report.violations).toEqual([])
  expect(report.late.map(({ excuse }) => excuse)).toEqual([{ kind: 'late', after: 1 }])
  s.ghost(logout, 'k', 'a', [20, 21])
  expect(kindsOf(s, 10)).toEqual(['resurrected'])
})

test('the next session of a client shows what the one before had', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.logout([2, 3])
  s.read('k', 'a', [4, 5], { incarnation: 2 })
  s.read('k', 'a', [6, 7], { incarnation: 2 })
  expect(kindsOf(s, 1000)).toEqual(['resurrected'])
})

test('what was under way during the logout may have come after it, and so into the next session', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.add('n', 1, [0, 1])
  s.write('k', 'b', [2, 9])
  s.add('n', 1, [2, 9])
  s.logout([3, 4])
  s.read('k', 'b', [10, 11], { incarnation: 2 })
  s.add('n', 2, [10, 11], { incarnation: 2 })
  expect(kindsOf(s)).toEqual([])
  s.add('n', 4, [12, 13], { incarnation: 2 })
  expect(kindsOf(s)).toEqual(['resurrected'])
})

test('an add that was under way during the logout may have come before it, too', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.add('n', 1, [2, 9])
  s.read('n', 1, [3, 4])
  s.logout([5, 6])
  expect(kindsOf(s)).toEqual([])
})

test('one client sees what another wrote', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1], { client: 1 })
  s.read('k', 'a', [2, 3], { client: 2 })
  expect(kindsOf(s, 1000)).toEqual(['foreign'])
})

test('a value that nobody wrote, and a value of another key', () => {
  const s = new Scribe()
  s.read('k', 'never', [0, 1])
  s.write('j', 'a', [2, 3])
  s.read('k', 'a', [4, 5])
  expect(kindsOf(s).filter((kind) => kind === 'foreign')).toHaveLength(2)
})

test('a loss that is announced after a failover is counted, and what follows is judged from there', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 3])
  s.add('n', 1, [2, 3])
  s.failover(4, 5)
  s.read('k', 'a', [6, 7], { behind: true })
  s.read('k', 'a', [8, 9])
  s.add('n', 1, [10, 11])
  s.write('k', 'c', [12, 13])
  s.read('k', 'c', [14, 15])
  const report = check(s.history())
  expect(report.violations).toEqual([])
  expect(report.announcedBehind).toBe(1)
  s.read('k', 'a', [16, 17])
  expect(kindsOf(s)).toEqual(['lost-write'])
})

test('a loss that is not announced is a loss, failover or not', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 3])
  s.failover(4, 5)
  s.read('k', 'a', [6, 7])
  expect(kindsOf(s)).toEqual(['lost-write'])
})

test('a loss that the cookie had never heard of is counted apart, for a library whose cookie can know', () => {
  const s = new Scribe()
  const first = s.write('k', 'a', [0, 1])
  const slow = s.read('j', null, [2, 9], { cookieFrom: first.id })
  s.write('k', 'b', [3, 4], { cookieFrom: first.id })
  s.add('n', 1, [3, 4], { cookieFrom: first.id })
  s.failover(5, 6)
  s.read('k', 'a', [10, 11], { cookieFrom: slow.id })
  s.add('n', 1, [10, 11], { cookieFrom: slow.id })
  expect(kindsOf(s)).toEqual(['lost-write', 'lost-update'])
  const report = check(s.history(), { grace: 0 })
  expect(report.violations).toEqual([])
  expect(report.untold.map(({ kind }) => kind)).toEqual(['lost-write', 'lost-update'])
})

test('the cookie of a stream left before its write, and cannot know that the write was lost', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1], { streamed: true })
  s.failover(2, 3)
  s.read('k', null, [4, 5])
  expect(kindsOf(s)).toEqual(['lost-write'])
  expect(check(s.history(), { grace: 0 })).toMatchObject({ violations: [], untold: [{ kind: 'lost-write' }] })
})

test('without a fault that loses data, an overtaken cookie excuses no loss', () => {
  const s = new Scribe()
  const first = s.write('k', 'a', [0, 1])
  const slow = s.read('j', null, [2, 9], { cookieFrom: first.id })
  s.write('k', 'b', [3, 4], { cookieFrom: first.id })
  s.add('n', 1, [3, 4], { cookieFrom: first.id })
  s.read('k', 'a', [10, 11], { cookieFrom: slow.id })
  s.add('n', 1, [10, 11], { cookieFrom: slow.id })
  // The read may only have been early; the add cannot be.
  expect(kindsOf(s, 1000)).toEqual(['lost-update'])
  expect(kindsOf(s, 5)).toEqual(['lost-write', 'lost-update'])
  s.read('k', 'a', [2000, 2001], { cookieFrom: slow.id })
  expect(kindsOf(s, 1000)).toEqual(['lost-update', 'lost-write'])
})

test('what an early read did not know is not forgiven to the next one', () => {
  const s = new Scribe()
  const first = s.write('k', 'a', [0, 1])
  const slow = s.read('j', null, [2, 9], { cookieFrom: first.id })
  const write = s.write('k', 'b', [3, 4], { cookieFrom: first.id })
  s.read('k', 'a', [10, 11], { cookieFrom: slow.id })
  s.read('k', 'a', [12, 13], { cookieFrom: write.id })
  s.read('k', 'b', [14, 15])
  const report = check(s.history(), { grace: 1000 })
  expect(report.violations.map(({ kind }) => kind)).toEqual(['read-your-writes'])
  expect(report.late).toHaveLength(1)
})

test('what was lost, and said to be, must not come back and go again', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 3])
  s.failover(4, 5)
  s.read('j', null, [6, 7], { behind: true })
  s.read('k', 'b', [8, 9])
  s.read('k', 'a', [10, 11])
  expect(kindsOf(s)).toEqual(['lost-write'])
})

test('requests that overlap an announcement are not judged by it', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.write('k', 'b', [2, 3])
  s.failover(4, 5)
  s.read('k', 'a', [6, 20], { behind: true })
  s.read('k', 'a', [7, 8])
  s.write('k', 'c', [9, 10])
  s.read('k', 'a', [21, 22])
  expect(kindsOf(s)).toEqual([])
})

test('a loss is announced that cannot have been', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.read('k', 'a', [2, 3], { behind: true })
  s.failover(4, 5)
  expect(kindsOf(s)).toEqual(['false-announcement'])
})

test('a logout that a failover undid is counted apart', () => {
  const s = new Scribe()
  s.failover(0, 10)
  s.write('k', 'a', [0, 1])
  const logout = s.logout([2, 3])
  s.ghost(logout, 'k', 'a', [14, 15])
  const report = check(s.history())
  expect(report.violations).toEqual([])
  expect(report.undoneLogouts).toBe(1)
})

test('of a login and a logout, only the one whose cookie comes back can have been undone', () => {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  const login = s.login([2, 3])
  s.failover(4, 5)
  const logout = s.logout([6, 7])
  s.ghost(login, 'k', 'a', [8, 9])
  expect(check(s.history())).toMatchObject({ violations: [], undoneLogouts: 1 })
  s.ghost(logout, 'k', 'a', [10, 11])
  expect(kindsOf(s)).toEqual(['resurrected'])
})

test('requests are counted once, whatever they touch', () => {
  const s = new Scribe()
  s.read('k', null, [0, 1])
  s.read('j', null, [0, 1], { id: 1 })
  s.write('k', 'a', [2, 3], { outcome: 'unknown' })
  s.write('k', 'b', [4, 5], { outcome: 'fail' })
  expect(check(s.history())).toMatchObject({ requests: 3, ok: 1, failed: 1, unknown: 1 })
})

test('a slow response brought back the cookie of the session before: what a fault took of that one is announced', () => {
  const history = (isLossy: boolean) => {
    const s = new Scribe()
    const first = s.write('k', 'a', [0, 1], { session: 'A' })
    const logout = s.logout([4, 6], { session: 'A' })
    const slow = s.read('k', 'a', [3, 9], { session: 'A', cookieFrom: first.id })
    expect(logout.cookieFrom).toBe(first.id)
    if (isLossy) s.failover(10, 11)
    const next = { incarnation: 2, session: 'A', behind: true, cookieFrom: slow.id }
    s.write('j', 'b', [12, 13], next)
    s.read('i', null, [14, 15], { incarnation: 2, session: 'B' })
    return kindsOf(s)
  }
  expect(history(true)).toEqual([])
  expect(history(false)).toEqual(['false-announcement'])
})
