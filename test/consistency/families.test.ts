import { describe, expect, test } from 'vitest'
import { wayBeside } from './checker/exchanges/families.ts'
import { Tree } from './checker/exchanges/tree.ts'
import { exchange } from './exchange.ts'

const IDLE = 120_000

/** A session A, read a while later, then two logins with its cookie, and a logout of the one; the other is read afterwards. */
function ways(readAt: number, loginAt: number) {
  const exchanges = [
    exchange(1, 0, { given: 'A' }),
    exchange(2, readAt, { sent: 'A', cookieFrom: 1, given: 'A' }),
    exchange(3, loginAt, { act: 'login', sent: 'A', cookieFrom: 2, given: 'B' }),
    exchange(4, loginAt + 10, { act: 'login', sent: 'A', cookieFrom: 2, given: 'C' }),
    exchange(5, loginAt + 1000, { act: 'logout', sent: 'C', cookieFrom: 4, given: 'D' }),
    exchange(6, loginAt + 2000, { sent: 'B', cookieFrom: 3, given: 'B' }),
  ]
  const [logout, reader] = exchanges.slice(4)
  const tree = new Tree({ exchanges, idleTimeout: IDLE })
  return logout && reader && wayBeside(reader, logout, tree)?.map(({ from, to }) => from + to)
}

describe('two logins with one cookie, and a logout of one', () => {
  test('of a session in use all the time: it has to end the other', () => {
    expect(ways(100_000, 200_000)).toEqual(['AC', 'AB'])
  })

  test.each([
    ['has ended before the logins', 1000, 125_000],
    ['had ended before it was used again, by a backend that did not know the time', 150_000, 150_500],
  ])('of a session that %s: each login began a session of its own', (_, readAt, loginAt) => {
    expect(ways(readAt, loginAt)).toBeUndefined()
  })

  test.each([
    [
      'of which nobody knows whether it is one, and another login had moved the session that it was to come from',
      'unknown',
      undefined,
    ],
    ['that a login gave', 'ok', ['BE', 'BD']],
  ] as const)('with the cookie %s', (_, outcome, way) => {
    const exchanges = [
      exchange(1, 0, { given: 'A' }),
      exchange(2, 10, { act: 'login', sent: 'A', cookieFrom: 1, given: 'B', outcome }),
      ...(outcome === 'ok' ? [] : [exchange(3, 20, { act: 'login', sent: 'A', cookieFrom: 1, given: 'C' })]),
      exchange(4, 11_000, { act: 'login', sent: 'B', cookieFrom: 2, given: 'D' }),
      exchange(5, 11_010, { act: 'login', sent: 'B', cookieFrom: 2, given: 'E' }),
      exchange(6, 12_000, { act: 'logout', sent: 'E', cookieFrom: 5, given: 'F' }),
      exchange(7, 13_000, { sent: 'D', cookieFrom: 4, given: 'D' }),
    ]
    const [logout, reader] = exchanges.slice(-2)
    const moves = logout && reader && wayBeside(reader, logout, new Tree({ exchanges, idleTimeout: IDLE }))
    expect(moves?.map(({ from, to }) => from + to)).toEqual(way)
  })
})
