import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { madePrivate, sharedCacheMayReuse, sharedCacheMayStore } from '../core/shared-cache.ts'
import type { Departure } from '../ports/exchange.ts'

export type NodeRequest = IncomingMessage | Http2ServerRequest
export type NodeResponse = ServerResponse | Http2ServerResponse
export type Cacheable = 'skip' | 'private' | 'emit'

/** The part of both response classes that is used here. */
type Response = Pick<ServerResponse, 'headersSent' | 'getHeaderNames' | 'getHeader' | 'setHeader' | 'removeHeader'> & {
  writeHead(status: number, ...rest: unknown[]): unknown
}

/**
 * The one hook. Whatever writes a response (end, write, flushHeaders, pipe, a framework) ends in `writeHead`, so our cookie is
 * added there, last, when all others have had their say.
 */
export function addCookieLast(
  nodeResponse: NodeResponse,
  departure: Departure,
  cacheable: Cacheable,
  isOurs: (setCookie: string) => boolean,
): void {
  const response = nodeResponse as unknown as Response
  const { writeHead } = response
  response.writeHead = function writeHeadWithCookie(status, ...rest) {
    // 1xx are not final. Impossible statuses and a second call throw in Node, before anything is changed.
    if (!(status >= 200 && status < 1000) || response.headersSent) return writeHead.call(response, status, ...rest)
    const reason = typeof rest[0] === 'string' ? rest[0] : undefined
    const headers = reason === undefined && rest[0] != null ? rest[0] : rest[1]
    if (headers != null) applyHeaders(response, headers)
    addCookie(response, departure, cacheable, isOurs)
    return reason === undefined ? writeHead.call(response, status) : writeHead.call(response, status, reason)
  }
}

function addCookie(
  response: Response,
  departure: Departure,
  cacheable: Cacheable,
  isOurs: (setCookie: string) => boolean,
): void {
  const { cacheControl, targeted, cookies } = lookAt(response)
  const reusable = sharedCacheMayReuse(cacheControl, targeted)
  const mine = reusable && cacheable === 'skip' ? undefined : departure.setCookie()
  const others = otherCookies(cookies, isOurs)
  if (mine === undefined) {
    if (reusable) departure.withheld()
    if (others === undefined) return
    if (others.length === 0) response.removeHeader('Set-Cookie')
    else response.setHeader('Set-Cookie', others)
    return
  }
  response.setHeader('Set-Cookie', others === undefined ? mine : [...others, mine])
  if (cacheable === 'emit') return
  if (reusable) for (const name of TARGETED) response.removeHeader(name)
  if (reusable || (cacheControl !== undefined && sharedCacheMayStore(cacheControl))) {
    response.setHeader('Cache-Control', madePrivate(cacheControl ?? ''))
  }
}

/** Fields that speak to shared caches alone (RFC 9213, and what came before it). */
const TARGETED = ['cdn-cache-control', 'surrogate-control'] as const

interface Seen {
  cacheControl: string | undefined
  targeted: string | undefined
  cookies: number | string | string[] | undefined
}

/**
 * What stands in the head so far that matters here. One list of names instead of a question for each: Express gives every response a hidden
 * class of its own, so that each call on it costs about a microsecond (Node 20 and 22).
 */
function lookAt(response: Response): Seen {
  const seen: Seen = { cacheControl: undefined, targeted: undefined, cookies: undefined }
  for (const name of response.getHeaderNames()) {
    if (name === 'set-cookie') seen.cookies = response.getHeader(name)
    else if (name === 'cache-control') seen.cacheControl = text(response.getHeader(name))
    else if (name === TARGETED[0]) seen.targeted = text(response.getHeader(name))
    else if (name === TARGETED[1]) seen.targeted ??= text(response.getHeader(name))
  }
  return seen
}

function text(header: number | string | string[] | undefined): string | undefined {
  return header === undefined || typeof header === 'string' ? header : String(header)
}

/** Cookies that others set; one of our name is a leftover of a failed writeHead, or a mistake. */
function otherCookies(
  header: number | string | string[] | undefined,
  isOurs: (setCookie: string) => boolean,
): string[] | undefined {
  if (header === undefined) return undefined
  const list = Array.isArray(header) ? header : [String(header)]
  return list.filter((cookie) => !isOurs(cookie))
}

/**
 * Does to the response what writeHead would do with these headers: an object, a flat list, or a list of pairs. A name that stands in
 * a list replaces what was set before, and may stand there more than once.
 */
function applyHeaders(response: Response, headers: unknown): void {
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers as OutgoingHttpHeaders)) {
      if (name !== '') response.setHeader(name, value as string)
    }
    return
  }
  const pairs = Array.isArray(headers[0]) ? (headers as [string, string][]) : inPairs(headers)
  for (const [name] of pairs) response.removeHeader(name)
  for (const [name, value] of pairs) {
    const before = response.getHeader(name)
    response.setHeader(name, before === undefined ? value : [before, value].flat().map(String))
  }
}

function inPairs(flat: readonly unknown[]): [string, string][] {
  if (flat.length % 2 !== 0) {
    throw Object.assign(new TypeError("The argument 'headers' is invalid: a flat list needs a value for each name"), {
      code: 'ERR_INVALID_ARG_VALUE',
    })
  }
  const pairs: [string, string][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string])
  return pairs
}
