import { answered, type Exchange, fields, type Observations } from '../observations.ts'

/** How the backends of a site can be told from each other. */
export interface Identity {
  /** What tells them, in words; undefined: nothing does. */
  readonly source: string | undefined
  /** False: contents tell, and a page may change by itself. */
  readonly isSure: boolean
  /** The only one that answered, told by a field that names backends; undefined: several did, or nobody knows. */
  readonly only: string | undefined
  /** Who answered; undefined: this answer does not tell. */
  readonly of: (exchange: Exchange) => string | undefined
}

/** Names of fields that say who answered. */
const NAMING =
  /^x-(.*[-_])?(backend|served-?by|server|node|instance|host|hostname|pod|upstream|worker|replica|container|machine|name|origin-server)([-_](name|id|addr|server))?$/

/** Names of those that say which node of a network of caches was on the way. */
const CACHES = /cache|edge|cdn|pop|shield/

/** Values that name a cache in front, or a request, and no backend. */
const NO_BACKEND =
  /^cache-|^[0-9a-f]{8}-[0-9a-f]{4}-|cloudfront|fastly|varnish|akamai|cloudflare|google|vegur|squid|\b(hit|miss)\b/i

/** Metrics of Server-Timing that name who worked. */
const METRIC = /(backend|server|node|instance|host|pod|upstream|worker|app)/i

/** Who answered, by the first kind of evidence that tells answers apart. */
export function identify(seen: Observations): Identity {
  const all = answered(seen).filter(({ probe }) => probe !== 'upgrade')
  const names = [...new Set(all.flatMap(({ headers }) => headers.map(([name]) => name)))].filter(
    (name) => NAMING.test(name) && !CACHES.test(name),
  )
  for (const name of [...names, 'server-timing', 'via']) {
    const of = (exchange: Exchange) => nameIn(exchange, name)
    const values = all.flatMap((exchange) => of(exchange) ?? [])
    if (tellsApart(values, names.includes(name) ? 1 / 2 : 1 / 3))
      return { source: `the ${name} field`, isSure: true, only: undefined, of }
  }
  for (const [source, of] of CONTENT) {
    if (alternates(seen, of)) return { source, isSure: false, only: undefined, of: amongPages(seen, of) }
  }
  return { source: undefined, isSure: true, only: onlyOne(all, names), of: () => undefined }
}

function nameIn(exchange: Exchange, name: string): string | undefined {
  const value = fields(exchange, name).join(', ')
  if (value === '' || NO_BACKEND.test(value)) return undefined
  return name === 'server-timing' ? descriptionsIn(value) : value
}

/** What metrics of backends are called and described as; a duration is another one each time. */
function descriptionsIn(value: string): string | undefined {
  const metrics = value.split(',').map((metric) => metric.replace(/;\s*dur=[\d.]+/gi, '').trim())
  const naming = metrics.filter((metric) => METRIC.test(metric.split(';')[0] ?? '') && metric.includes('desc='))
  return naming.length === 0 ? undefined : naming.join(', ')
}

/** Several values, few for so many answers: the id of a request never comes again. */
function tellsApart(values: readonly string[], part: number): boolean {
  const distinct = new Set(values).size
  return distinct > 1 && distinct <= Math.max(2, values.length * part) && values.length >= 3
}

type Of = (exchange: Exchange) => string | undefined

const CONTENT: readonly (readonly [string, Of])[] = [
  ['the ETag of the page', (exchange) => fields(exchange, 'etag')[0]],
  ['the Last-Modified of the page', (exchange) => fields(exchange, 'last-modified')[0]],
  ['the body of the page', ({ body }) => body],
]

/** One client that comes back is answered with A, B, and A again: contents that change do not come back. */
function alternates(seen: Observations, of: Of): boolean {
  const values = pages(seen)
    .filter(({ probe }) => probe === 'repeat')
    .flatMap((exchange) => of(exchange) ?? [])
  const runs = values.filter((value, at) => value !== values[at - 1])
  return new Set(runs).size > 1 && runs.length > new Set(runs).size && new Set(values).size <= values.length / 2
}

/** The same page with the same status, so that contents can be compared. */
function pages(seen: Observations): readonly Exchange[] {
  return answered(seen).filter(({ url, status, method }) => url === seen.page && status === 200 && method === 'GET')
}

/** A page for new visitors may differ from that of others, so only answers to those who came back are compared. */
function amongPages(seen: Observations, of: Of): Of {
  const comparable = new Set(pages(seen).filter(({ probe, sent }) => probe === 'repeat' || sent.length > 0))
  return (exchange) => (comparable.has(exchange) ? of(exchange) : undefined)
}

function onlyOne(all: readonly Exchange[], names: readonly string[]): string | undefined {
  for (const name of names) {
    const values = new Set(all.map((exchange) => nameIn(exchange, name)))
    const [value] = values
    if (values.size === 1 && value !== undefined && all.length >= 6) return value
  }
  return undefined
}
