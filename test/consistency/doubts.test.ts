import { describe, expect, test } from 'vitest'
import type { Exchange } from './checker/exchanges/exchange.ts'
import { judge } from './checker/exchanges/judge.ts'
import { exchange } from './exchange.ts'
import type { Kind, Op, Value } from './history.ts'

/** What nobody can know is no violation, and what differs from it in one thing is. */

const IDLE = 120_000
const GRACE = 13_000

/** A request that touched one key. */
function touching(kind: Kind, key: string, value: Value, one: Exchange): Exchange {
  const { id, client, cookieFrom, invoke, finish, outcome, behind, stale, backend, under: session } = one
  const when = { invoke, finish, outcome, behind, stale, backend, cookieFrom, session }
  const ops: Op[] = [{ id, client, incarnation: 0, kind, key, value, detail: '', ...when }]
  return { ...one, ops }
}

function kindsOf(exchanges: readonly Exchange[], setBack: readonly number[] = []): string[] {
  const { findings } = judge({ exchanges, idleTimeout: IDLE, setBack }, { grace: GRACE })
  return [...new Set(findings.map(({ kind }) => kind))]
}

describe('a login that begins when another one has been answered takes nothing along', () => {
  const history = (began: number, before: readonly Exchange[] = []) => [
    touching('write', 'k', 'c0.1', exchange(1, 0, { act: 'write', given: 'A' })),
    ...before,
    exchange(3, 100, { act: 'login', sent: 'A', cookieFrom: 1, given: 'B', finish: 105.00001 }),
    exchange(4, 103, { act: 'login', sent: 'A', cookieFrom: 1, given: 'C', began, acted: began, finish: 120 }),
    touching('read', 'k', 'c0.1', exchange(5, 130, { sent: 'C', cookieFrom: 4, given: 'C' })),
  ]

  test('one that began a millisecond later', () => {
    expect(kindsOf(history(106))).toEqual(['forked'])
  })

  test('of two things within one millisecond either may have come first', () => {
    expect(kindsOf(history(105.00002))).toEqual([])
  })

  test('unless the first began another session, because its backend had been asked for a logout that the store was not told of', () => {
    const logout = { act: 'logout', sent: 'A', cookieFrom: 1, given: 'D', outcome: 'fail' } as const
    expect(kindsOf(history(106, [exchange(2, 90, { ...logout, error: 'ERR_LIMPET_STORE false' })]))).toEqual([])
  })
})

describe('of two logins at once each takes along what there was', () => {
  const history = [
    touching('add', 'n', 1, exchange(1, 0, { act: 'write', given: 'A', finish: 1 })),
    exchange(2, 100, { act: 'login', sent: 'A', cookieFrom: 1, given: 'B', acted: 200, finish: 210 }),
    exchange(3, 150, { act: 'login', sent: 'A', cookieFrom: 1, given: 'C', acted: 205, finish: 220 }),
    touching('read', 'n', null, exchange(4, 20_000, { sent: 'C', cookieFrom: 3, given: 'C' })),
  ]

  test('the second one did not', () => {
    expect(kindsOf(history)).toEqual(['lost-cart'])
    expect(kindsOf(history, [50, 230])).toEqual(['lost-cart'])
  })

  test('the clock was set back meanwhile, and nobody knows which came first', () => {
    expect(kindsOf(history, [207])).toEqual([])
  })
})

describe('a store that has lost nothing', () => {
  const history = (at: number) => [
    touching('write', 'k', 'c0.1', exchange(1, 0, { act: 'write', given: 'A' })),
    touching('read', 'k', null, exchange(2, at, { sent: 'A', cookieFrom: 1, given: 'A', behind: true })),
  ]

  test.each([
    ['is said to have lost something', 300_000, []],
    ['while the session was in use', 30_000, [50]],
  ])('%s', (_, at, setBack) => {
    expect(kindsOf(history(at), setBack)).toEqual(['false-announcement'])
  })

  test('looks as if it had, where a session ended by itself after the clock was set back: its cookie has no age', () => {
    expect(kindsOf(history(300_000), [50])).toEqual([])
  })
})

describe('a session that nobody ended goes on', () => {
  const wrote = touching('write', 'k', 'c0.1', exchange(1, 0, { act: 'write', given: 'A' }))

  test.each([
    ['was answered', 'ok', ['session-lost']],
    ['found a backend that could not ask for the time, and renews nothing', 'unknown', []],
  ] as const)('also for long, if it is used meanwhile; a use that %s', (_, outcome, found) => {
    const used = exchange(2, 100_000, { act: 'write', sent: 'A', cookieFrom: 1, given: 'A', outcome })
    expect(kindsOf([wrote, used, exchange(3, 125_000, { sent: 'A', cookieFrom: 2, given: 'B' })])).toEqual(found)
  })

  test.each([
    ['alone', [], ['session-lost']],
    [
      'and a later one, which moved the session first',
      [exchange(4, 300, { act: 'login', sent: 'A', cookieFrom: 1, given: 'C' })],
      [],
    ],
  ])('under the id that a login gave of which nobody knows whether it was done, %s', (_, other, found) => {
    const doubtful = exchange(2, 100, { act: 'login', sent: 'A', cookieFrom: 1, given: 'B', outcome: 'unknown' })
    const read = exchange(5, 20_000, { sent: 'B', cookieFrom: 2, given: 'D' })
    expect(kindsOf([wrote, doubtful, ...other, read])).toEqual(found)
  })
})
