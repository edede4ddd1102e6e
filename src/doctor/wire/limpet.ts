import { decodeToken, type Token } from '../../core/token.ts'
import { answered, type Exchange, type Observations } from '../observations.ts'
import { limpetCookies, valueIn, valueSent } from './affinity.ts'

export interface SeenToken {
  readonly keyId: string
  readonly token: Token
}

/** An answer of a site with limpet: what the client brought, and what it was given. */
export interface LimpetExchange {
  readonly exchange: Exchange
  readonly name: string
  readonly sent: SeenToken | undefined
  readonly given: SeenToken | undefined
}

/** Every answer, for each cookie of limpet's; empty when the site has none. */
export function limpetExchanges(seen: Observations): readonly LimpetExchange[] {
  return limpetCookies(seen).flatMap(({ name }) =>
    answered(seen).map((exchange) => ({
      exchange,
      name,
      sent: decodeToken(valueSent(exchange, name) ?? ''),
      given: decodeToken(valueIn(exchange, name) ?? ''),
    })),
  )
}

/** Answers that gave another session than the one that came. A pause, or a login, may have done that by right. */
export function sessionChanges(seen: Observations): readonly LimpetExchange[] {
  const { from } = seen
  return limpetExchanges(seen).filter(
    ({ exchange, sent, given }) =>
      sent && given && sent.token.id !== given.token.id && exchange.idle === 0 && from === 'probes',
  )
}

/** May an answer be without limpet's cookie? Where a shared cache may keep it, and on an upgrade, as it promises. */
export function mayLackLimpet(exchange: Exchange): boolean {
  return exchange.probe === 'upgrade' || maySkip(exchange)
}

function maySkip({ headers }: Exchange): boolean {
  const control = headers.filter(([name]) => /^(cdn-|surrogate-|.+-)?cache-control$|^surrogate-control$/.test(name))
  return control.some(([, value]) => /\bs-maxage\s*=|\bpublic\b/i.test(value))
}

/** limpet is there, on every answer, and keeps its sessions: then no session is lost, whatever the balancer does. */
export function limpetHolds(seen: Observations): boolean {
  const all = limpetExchanges(seen)
  if (all.length === 0 || sessionChanges(seen).length > 0) return false
  return all.every(({ exchange, given }) => given || mayLackLimpet(exchange))
}
