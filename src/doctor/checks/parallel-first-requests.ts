import { type Finding, numbersOf } from '../findings.ts'
import { answered, type Exchange, type Observations } from '../observations.ts'
import { balancerCookies, valueIn } from '../wire/affinity.ts'
import { identify } from '../wire/backends.ts'
import { limpetHolds } from '../wire/limpet.ts'
import { plainMoves } from '../wire/moves.ts'

/** The first requests of a client, sent at once, were answered by several backends; it keeps the last cookie alone. */
export function parallelFirstRequests(seen: Observations): readonly Finding[] {
  const cookies = balancerCookies(seen)
  if (cookies.length === 0 || plainMoves(seen).length > 0 || limpetHolds(seen)) return []
  const { of } = identify(seen)
  const whoAnswered = (exchange: Exchange) =>
    of(exchange) ?? cookies.map(({ name, key }) => key(valueIn(exchange, name) ?? '')).find((key) => key)
  const parallel = answered(seen).filter(({ probe, sent }) => probe === 'parallel' && sent.length === 0)
  const clients = [...new Set(parallel.map(({ client }) => client))]
  const split = clients.find((client) => new Set(ofClient(parallel, client).map(whoAnswered)).size > 1)
  if (split === undefined) return []
  const shown = ofClient(parallel, split)
  const backends = [...new Set(shown.map((exchange) => whoAnswered(exchange) ?? ''))].filter((name) => name !== '')
  if (backends.length < 2) return []
  return [{ id: 'parallel-first-requests', level: 'note', args: { backends }, evidence: numbersOf(shown) }]
}

function ofClient(exchanges: readonly Exchange[], client: string): readonly Exchange[] {
  return exchanges.filter((exchange) => exchange.client === client)
}
