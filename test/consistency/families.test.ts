import { describe, expect, test } from 'vitest'
import type { Exchange } from './checker/exchanges/exchange.ts'
import { wayBeside } from './checker/exchanges/families.ts'
import { Tree } from './checker/exchanges/tree.ts'

const IDLE = 120_000

/** One request that was answered at once. */
function exchange(id: number, at: number, more: Partial<Exchange>): Exchange {
  const times = { invoke: at, began: at, acted: at, finish: at }
  const usual = {
    client: 0,
    act: 'read',
    sent: '',
    cookieFrom: -1,
    ghost: false,
    stream: false,
    arrived: true,
  } as const
  const answer = { backend: 0, boot: 1, outcome: 'ok', error: '', behind: false, stale: false, ops: [] } as const
  const { given = '' } = more
  return { id, ...times, ...usual, ...answer, under: given, ...more, given }
}

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
})
