import type { Exchange } from './checker/exchanges/exchange.ts'

/** One request that was answered at once. */
export function exchange(id: number, at: number, more: Partial<Exchange>): Exchange {
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
