import { expect, test } from 'vitest'
import { check } from './checker/check.ts'
import type { Op } from './history.ts'
import { Scribe } from './scribe.ts'

const terms = { grace: 1000 }
const story = 1

function kindsOf(scribe: Scribe, limpet = true): string[] {
  return check(scribe.history(), limpet ? terms : undefined).violations.map(({ kind }) => kind)
}

/** A login form: one request that changes the id and then stores who it is. */
function signIn(s: Scribe, user: string, times: readonly [number, number], extra: Partial<Op> = {}): Op {
  const login = s.login(times, { story, ...extra })
  s.write('user', user, times, { story, ...extra, id: login.id, cookieFrom: login.cookieFrom })
  return login
}

function shop(): { s: Scribe; cart: Op } {
  const s = new Scribe()
  return { s, cart: s.write('cart', 'c', [0, 1], { story, cookieFrom: -1, session: 'A' }) }
}

test('a login form sent twice, and both succeed: the browser is logged in, with its cart', () => {
  const { s, cart } = shop()
  signIn(s, 'u1', [2, 10], { cookieFrom: cart.id, session: 'B', arrived: 3, acted: 6 })
  const second = signIn(s, 'u2', [3, 11], { cookieFrom: cart.id, session: 'C', arrived: 4, acted: 7 })
  s.read('user', 'u2', [12, 13], { story, cookieFrom: second.id })
  s.read('cart', 'c', [12, 13], { story, cookieFrom: second.id })
  expect(kindsOf(s)).toEqual([])
})

test('a login that is refused although nobody logged out', () => {
  const { s, cart } = shop()
  signIn(s, 'u1', [2, 10], { cookieFrom: cart.id })
  const refused = { cookieFrom: cart.id, outcome: 'fail', refused: true } as const
  signIn(s, 'u2', [3, 11], refused)
  expect(kindsOf(s)).toEqual(['refused-login'])
  s.logout([4, 5], { story, cookieFrom: cart.id })
  expect(kindsOf(s)).toEqual([])
})

test('a login during a failure of the store is not called refused', () => {
  const { s, cart } = shop()
  signIn(s, 'u1', [2, 10], { cookieFrom: cart.id, outcome: 'fail' })
  expect(kindsOf(s)).toEqual([])
})

test('after logins that all succeeded the browser has none of them', () => {
  const { s, cart } = shop()
  signIn(s, 'u1', [2, 10], { cookieFrom: cart.id, session: 'B' })
  const note = s.write('note', 'n', [3, 12], { story, cookieFrom: cart.id, session: 'X' })
  s.read('user', null, [13, 14], { story, cookieFrom: note.id })
  expect(kindsOf(s)).toEqual(['lost-login'])
})

test('an old cookie that a backend sent before it heard of the login is nobody’s mistake', () => {
  const { s, cart } = shop()
  signIn(s, 'u1', [2, 10], { cookieFrom: cart.id, session: 'B' })
  const slow = s.read('note', null, [3, 12], { story, cookieFrom: cart.id, session: 'A' })
  s.read('user', null, [13, 14], { story, cookieFrom: slow.id })
  expect(kindsOf(s)).toEqual([])
})

test('nor is it when an outage has kept that cookie in use', () => {
  const { s, cart } = shop()
  signIn(s, 'u1', [2, 10], { cookieFrom: cart.id, session: 'B' })
  const slow = s.write('note', 'n', [3, 12], { story, cookieFrom: cart.id, session: 'A', outcome: 'fail' })
  const next = s.read('user', null, [13, 14], { story, cookieFrom: slow.id, session: 'A', outcome: 'fail' })
  s.read('user', null, [15, 16], { story, cookieFrom: next.id, session: 'C' })
  expect(kindsOf(s)).toEqual([])
})

test('a session that the browser had never had is no old one', () => {
  const { s, cart } = shop()
  signIn(s, 'u1', [2, 10], { cookieFrom: cart.id, session: 'B' })
  const slow = s.write('note', 'n', [3, 12], { story, cookieFrom: cart.id, session: 'X', outcome: 'fail' })
  const next = s.read('user', null, [13, 14], { story, cookieFrom: slow.id, session: 'X', outcome: 'fail' })
  s.read('user', null, [15, 16], { story, cookieFrom: next.id, session: 'X' })
  expect(kindsOf(s)).toEqual(['lost-login'])
})

test('a login that a failover took', () => {
  const { s, cart } = shop()
  const login = signIn(s, 'u1', [2, 10], { cookieFrom: cart.id })
  s.failover(11, 12)
  s.read('user', null, [13, 14], { story, cookieFrom: login.id })
  expect(kindsOf(s)).toEqual([])
})

test('the cart is lost between two logins that were both under way; one that came later begins with nothing', () => {
  const both = (arrived: number) => {
    const { s, cart } = shop()
    signIn(s, 'u1', [2, 210], { cookieFrom: cart.id, arrived: 3, acted: 200 })
    const second = signIn(s, 'u2', [3, 211], { cookieFrom: cart.id, arrived, acted: arrived + 100 })
    s.read('user', 'u2', [212, 213], { story, cookieFrom: second.id })
    s.read('cart', null, [212, 213], { story, cookieFrom: second.id })
    return s
  }
  expect(kindsOf(both(100))).toEqual(['lost-cart'])
  // So close that clocks may disagree.
  expect(kindsOf(both(190))).toEqual([])
  expect(kindsOf(both(205))).toEqual([])
})

test('a login with an id that the session has left gets at nothing', () => {
  const { s, cart } = shop()
  const login = signIn(s, 'u1', [2, 10], { cookieFrom: cart.id })
  const thief = signIn(s, 'u2', [111, 112], { cookieFrom: cart.id })
  s.read('user', 'u2', [113, 114], { story, cookieFrom: thief.id })
  s.read('cart', null, [113, 114], { story, cookieFrom: thief.id })
  s.read('cart', 'c', [113, 114], { story, cookieFrom: login.id })
  expect(kindsOf(s)).toEqual([])
  s.read('cart', 'c', [115, 116], { story, cookieFrom: thief.id })
  expect(kindsOf(s)).toEqual(['forked'])
})

test('what a session stored after a login is not shown to the holder of the old id either', () => {
  const { s, cart } = shop()
  const login = signIn(s, 'u1', [2, 10], { cookieFrom: cart.id })
  const thief = signIn(s, 'u2', [111, 112], { cookieFrom: cart.id })
  s.write('note', 'n', [113, 114], { story, cookieFrom: login.id })
  s.read('note', 'n', [115, 116], { story, cookieFrom: thief.id })
  expect(kindsOf(s)).toEqual(['forked'])
})

test('a session that lives on under the id of a change whose answer was on its way during the logout', () => {
  const { s, cart } = shop()
  const login = s.login([2, 10], { story, cookieFrom: cart.id })
  s.logout([4, 6], { story, cookieFrom: cart.id })
  s.ghost(login, 'cart', null, [12, 13], { story, cookieFrom: login.id })
  expect(kindsOf(s)).toEqual([])
  s.ghost(login, 'cart', 'c', [14, 15], { story, cookieFrom: login.id })
  expect(kindsOf(s)).toEqual([])
  expect(check(s.history(), terms).late).toHaveLength(1)
  s.ghost(login, 'cart', 'c', [2000, 2001], { story, cookieFrom: login.id })
  expect(kindsOf(s)).toEqual(['survived-logout'])
  expect(kindsOf(s, false)).toEqual(['survived-logout'])
})

test('a session that a second login had left behind, and that the logout of the second one does not end', () => {
  const twice = (lossy: boolean) => {
    const { s, cart } = shop()
    const login = s.login([2, 100], { story, cookieFrom: cart.id })
    const late = s.login([60, 110], { story, cookieFrom: cart.id })
    if (lossy) s.failover(111, 112)
    s.logout([113, 114], { story, cookieFrom: late.id })
    s.ghost(login, 'cart', 'c', [2000, 2001], { story, cookieFrom: login.id })
    return kindsOf(s)
  }
  expect(twice(false)).toEqual(['survived-logout'])
  // That the two were one session is known in the store alone.
  expect(twice(true)).toEqual([])
})

test('a logout with an id that the session had left long before ends nothing, and neither does one that failed', () => {
  const { s, cart } = shop()
  const login = s.login([2, 10], { story, cookieFrom: cart.id })
  s.logout([11_000, 11_001], { story, cookieFrom: cart.id })
  s.logout([11_002, 11_003], { story, cookieFrom: login.id, outcome: 'fail' })
  s.ghost(login, 'cart', 'c', [15_000, 15_001], { story, cookieFrom: login.id })
  expect(kindsOf(s)).toEqual([])
})

test('what was written while the logout was under way may have come after it', () => {
  const { s, cart } = shop()
  const note = s.write('note', 'n', [2, 10], { story, cookieFrom: cart.id })
  s.logout([3, 5], { story, cookieFrom: cart.id })
  s.ghost(note, 'note', 'n', [2000, 2001], { story, cookieFrom: note.id })
  expect(kindsOf(s)).toEqual([])
})

test('a logout that a failover undid', () => {
  const { s, cart } = shop()
  s.logout([2, 3], { story, cookieFrom: cart.id })
  s.failover(4, 5)
  s.ghost(cart, 'cart', 'c', [2000, 2001], { story, cookieFrom: cart.id })
  expect(kindsOf(s)).toEqual([])
})

test('a logout that is refused', () => {
  const { s, cart } = shop()
  s.logout([2, 3], { story, cookieFrom: cart.id, outcome: 'fail', refused: true })
  expect(kindsOf(s)).toEqual(['refused-logout'])
})

test('a backend that was asked to end a session serves it afterwards, stale or not, although the store could not be told', () => {
  const { s, cart } = shop()
  const fails = { story, cookieFrom: cart.id, outcome: 'fail', boot: 7 } as const
  s.logout([2, 3], fails)
  s.ghost(cart, 'cart', 'c', [4, 5], { story, cookieFrom: cart.id, boot: 8, stale: true })
  expect(kindsOf(s)).toEqual([])
  s.ghost(cart, 'cart', 'c', [4, 5], { story, cookieFrom: cart.id, boot: 7, stale: true })
  expect(kindsOf(s)).toEqual(['served-after-logout'])
  // Others promise nothing of a logout that failed.
  expect(kindsOf(s, false)).toEqual([])
})

test('a backend that had found nothing there serves a copy in an outage', () => {
  const { s, cart } = shop()
  s.logout([2, 3], { story, cookieFrom: cart.id, boot: 7 })
  s.ghost(cart, 'cart', 'c', [4, 5], { story, cookieFrom: cart.id, boot: 8, stale: true })
  s.ghost(cart, 'cart', null, [6, 7], { story, cookieFrom: cart.id, boot: 8 })
  expect(kindsOf(s)).toEqual([])
  s.ghost(cart, 'cart', 'c', [8, 9], { story, cookieFrom: cart.id, boot: 8, stale: true })
  expect(kindsOf(s)).toEqual(['served-after-logout'])
})

test('a logout that failed leaves the browser its cookie', () => {
  const { s, cart } = shop()
  const logout = s.logout([2, 3], { story, cookieFrom: cart.id, outcome: 'fail', boot: 7 })
  s.read('cart', null, [4, 5], { story, cookieFrom: logout.id, boot: 8 })
  expect(kindsOf(s)).toEqual([])
  s.read('cart', 'c', [6, 7], { story, cookieFrom: logout.id, boot: 8 })
  expect(kindsOf(s)).toEqual(['kept-cookie'])
})

test('requests without a cookie begin sessions of their own; what the browser dropped is counted apart', () => {
  const s = new Scribe()
  s.write('cart', 'c', [0, 5], { story, cookieFrom: -1 })
  const kept = s.write('note', 'n', [0, 6], { story, cookieFrom: -1 })
  s.read('cart', null, [7, 8], { story, cookieFrom: kept.id })
  s.read('note', 'n', [7, 8], { story, cookieFrom: kept.id })
  const report = check(s.history(), terms)
  expect(report.violations).toEqual([])
  expect(report.dropped).toBe(1)
  s.read('note', null, [9, 10], { story, cookieFrom: kept.id })
  expect(kindsOf(s)).toEqual(['lost-write'])
  s.read('cart', 'c', [9, 10], { story, cookieFrom: kept.id })
  expect(kindsOf(s)).toContain('foreign')
})

test('stories do not meet each other, nor what is told beside them', () => {
  const { s, cart } = shop()
  s.logout([2, 3], { story, cookieFrom: cart.id })
  s.write('cart', 'c', [4, 5], { story: 2, cookieFrom: -1 })
  s.read('cart', 'c', [2000, 2001], { story: 2 })
  s.write('k', 'a', [6, 7])
  s.read('k', 'a', [8, 9])
  expect(kindsOf(s)).toEqual([])
})
