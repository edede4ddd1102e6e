import { type Finding, numbersOf } from '../findings.ts'
import type { Observations } from '../observations.ts'
import { type LimpetExchange, limpetExchanges } from '../wire/limpet.ts'

/** Milliseconds: the signing clocks may be as far apart before anybody calls them different. */
const APART = 2000

/** Each new token was signed between asking and answer, so it shows how far its backend's clock is off ours. */
export function limpetClocksDiffer(seen: Observations): readonly Finding[] {
  const signed = limpetExchanges(seen).filter(({ sent, given }) => {
    return given && given.token.issuedAt > 0 && given.token.issuedAt !== sent?.token.issuedAt
  })
  const byOffset = signed.toSorted((one, other) => offset(one) - offset(other))
  const [slowest, fastest] = [byOffset[0], byOffset.at(-1)]
  if (!slowest || !fastest || slowest === fastest) return []
  const apart = offset(fastest) - offset(slowest) - slowest.exchange.took - fastest.exchange.took
  if (apart <= APART) return []
  const owners = [slowest, fastest].map(({ given }) => given?.token.owner ?? '')
  const args = { seconds: Math.round(apart / 1000), owners }
  const evidence = numbersOf([slowest.exchange, fastest.exchange])
  return [{ id: 'limpet-clocks-differ', level: 'warning', args, evidence }]
}

function offset({ exchange, given }: LimpetExchange): number {
  return (given?.token.issuedAt ?? 0) - exchange.at
}
