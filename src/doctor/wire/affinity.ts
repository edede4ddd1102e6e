import { answered, type Exchange, kept, type Observations } from '../observations.ts'
import { identify } from './backends.ts'
import { KNOWN, type Known, knownCookie, LIMPET } from './known.ts'

/** A cookie of this site that keeps a client with a backend. */
export interface Affinity {
  readonly name: string
  readonly product: string
  /** The part of a value that names the backend. */
  readonly key: (value: string) => string | undefined
}

/** A name that speaks of backends. Others may divide visitors too, as those of experiments do. */
const SPEAKS_OF_BACKENDS = /serve?r|srv|node|route|back|stick|affin|persist|lb|balanc|pool|worker|instance|pod/i

/** A value that could name one backend of a few: a hash, or a word with a number. */
const NAMES_ONE_OF_A_FEW = /^([0-9a-f]{8,64}|[a-z][a-z._-]*[-_.]?\d{1,4})$/i

/** The affinity cookies of the site, limpet's among them: known by name and form, or learned. */
export function affinityCookies(seen: Observations): readonly Affinity[] {
  const found = new Map<string, Affinity>()
  for (const exchange of answered(seen)) {
    for (const { name, value } of [...kept(exchange), ...exchange.sent]) {
      const known = found.has(name) ? undefined : knownCookie(name, value)
      if (known) found.set(name, { name, product: known.product, key: known.key })
    }
  }
  for (const name of learned(seen)) {
    if (!found.has(name)) found.set(name, { name, product: shapeOf(seen, name), key: (value) => value })
  }
  return [...found.values()]
}

/** Those of load balancers. */
export function balancerCookies(seen: Observations): readonly Affinity[] {
  return affinityCookies(seen).filter(({ product }) => product !== LIMPET)
}

export function limpetCookies(seen: Observations): readonly Affinity[] {
  return affinityCookies(seen).filter(({ product }) => product === LIMPET)
}

/** Cookies with any name whose few values come again with other new clients, as the backends do. */
function learned(seen: Observations): readonly string[] {
  const first = answered(seen).filter(({ sent, status }) => sent.length === 0 && status < 300)
  const names = new Set(first.flatMap((exchange) => kept(exchange).map(({ name }) => name)))
  return [...names].filter((name) => {
    const with_ = first.filter((exchange) => valueIn(exchange, name) !== undefined)
    const values = with_.map((exchange) => valueIn(exchange, name) ?? '')
    const distinct = new Set(values)
    if (distinct.size < 2 || distinct.size > values.length / 2) return false
    return goesWithBackends(with_, name, seen) ?? looksLikeIt(name, values)
  })
}

function looksLikeIt(name: string, values: readonly string[]): boolean {
  return SPEAKS_OF_BACKENDS.test(name) && values.every((value) => NAMES_ONE_OF_A_FEW.test(value))
}

/** Each backend has one value of its own. Undefined: nobody knows which backend answered. */
function goesWithBackends(exchanges: readonly Exchange[], name: string, seen: Observations): boolean | undefined {
  const { of, source } = identify(seen)
  if (source === undefined) return undefined
  const pairs = new Set(exchanges.map((exchange) => `${of(exchange)} ${valueIn(exchange, name)}`))
  const backends = new Set(exchanges.map(of))
  const values = new Set(exchanges.map((exchange) => valueIn(exchange, name)))
  return pairs.size === backends.size && pairs.size === values.size
}

function shapeOf(seen: Observations, name: string): string {
  const values = answered(seen).flatMap((exchange) => valueIn(exchange, name) ?? [])
  if (values.every((value) => /^[0-9a-f]{64}$/.test(value))) return 'Caddy, or a balancer like it'
  if (values.every((value) => /^[0-9a-f]{16}$/.test(value))) return 'Traefik, or a balancer like it'
  if (values.every((value) => /^[0-9a-f]{32}$/.test(value))) return 'nginx, or a balancer like it'
  return 'HAProxy, or a balancer like it'
}

/** The last value that an answer gives a cookie. */
export function valueIn(exchange: Exchange, name: string): string | undefined {
  return kept(exchange).findLast((cookie) => cookie.name === name)?.value
}

/** The first value that the client sent. */
export function valueSent({ sent }: Exchange, name: string): string | undefined {
  return sent.find((cookie) => cookie.name === name)?.value
}

/** Does the answer give one of these cookies? */
export function gives(exchange: Exchange, cookies: readonly Affinity[]): boolean {
  return cookies.some(({ name }) => valueIn(exchange, name) !== undefined)
}

/** Did the client send one of these cookies? */
export function holds(exchange: Exchange, cookies: readonly Affinity[]): boolean {
  return cookies.some(({ name }) => valueSent(exchange, name) !== undefined)
}

/**
 * Did it send one of each product? Of two balancers each wants its own; one product may set a second cookie for
 * requests of other sites, which plain http never sends.
 */
export function holdsAll(exchange: Exchange, cookies: readonly Affinity[]): boolean {
  const held = cookies.filter(({ name }) => valueSent(exchange, name) !== undefined)
  return held.length > 0 && cookies.every(({ product }) => held.some((cookie) => cookie.product === product))
}

/** The cookies that decide where a client goes: the balancer's, or limpet's where there is no balancer's. */
export function decisiveCookies(seen: Observations): readonly Affinity[] {
  const cookies = balancerCookies(seen)
  return cookies.length > 0 ? cookies : affinityCookies(seen)
}

/** Cookies of networks in front, which know their own rules and are set behind their caches. */
const OF_NETWORKS =
  /^(__cf_?bm|_cfuvid|cf_clearance|ak_bmsc|bm_\w+|_abck|visid_incap_.*|nlbi_.*|incap_ses_.*|datadome)$/i

/** Cookies that a session would be lost without: of balancers, of limpet, and what looks like a session's. */
export function matters(
  { name, httpOnly }: { name: string; httpOnly: boolean },
  cookies: readonly Affinity[],
): boolean {
  if (OF_NETWORKS.test(name)) return false
  return httpOnly || cookies.some((cookie) => cookie.name === name) || /sess|sid$|^sid|auth|token/i.test(name)
}

/** All products, for the page that lists them. */
export function products(): readonly string[] {
  return [...new Set(KNOWN.map(({ product }: Known) => product))]
}
