import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import {
  isTargeted,
  madePrivate,
  sharedCacheMayReuse,
  sharedCacheMayStore,
  sharedCacheMayStoreUntil,
} from '../core/shared-cache.ts'
import type { Clock } from '../ports/clock.ts'
import type { Departure } from '../ports/exchange.ts'
import { applyHeaders } from './given-headers.ts'

export type NodeRequest = IncomingMessage | Http2ServerRequest
export type NodeResponse = ServerResponse | Http2ServerResponse

/** What is the same for every response. */
export interface CookieRules {
  readonly cacheable: 'skip' | 'private' | 'emit'
  /** True for a Set-Cookie value, written by anybody, that sets our cookie. */
  readonly isOurs: (setCookie: string) => boolean
  readonly clock: Clock
}

/** The part of both response classes that is used here. */
type Response = Pick<ServerResponse, 'headersSent' | 'getHeaderNames' | 'getHeader' | 'setHeader' | 'removeHeader'> & {
  writeHead(status: number, ...rest: unknown[]): unknown
}

/**
 * The one hook. Whatever writes a response (end, write, flushHeaders, pipe, a framework) ends in `writeHead`, so our cookie is
 * added there, last, when all others have had their say.
 */
export function addCookieLast(nodeResponse: NodeResponse, departure: Departure, rules: CookieRules): void {
  const response = nodeResponse as unknown as Response
  const { writeHead } = response
  let written = false
  response.writeHead = function writeHeadWithCookie(status, ...rest) {
    // 1xx are not final. Impossible statuses and a second call throw in Node, before anything is changed. `headersSent` is asked only then:
    // it is a getter of Node's.
    if (!(status >= 200 && status < 1000) || (written && response.headersSent)) {
      return writeHead.call(response, status, ...rest)
    }
    const first = rest[0]
    const withReason = typeof first === 'string'
    const headers = withReason ? rest[1] : (rest[1] ?? first)
    if (headers != null) applyHeaders(response, headers)
    addCookie(response, departure, rules)
    const returned = withReason ? writeHead.call(response, status, first) : writeHead.call(response, status)
    written = true
    return returned
  }
}

function addCookie(response: Response, departure: Departure, { cacheable, isOurs, clock }: CookieRules): void {
  const { cacheControl, expires, targets, cookies } = lookAt(response)
  const reusable = sharedCacheMayReuse(cacheControl, targets?.fields)
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
  if (reusable && targets) for (const name of targets.names) response.removeHeader(name)
  if (
    reusable ||
    (cacheControl !== undefined && sharedCacheMayStore(cacheControl)) ||
    (expires !== undefined && sharedCacheMayStoreUntil(expires, cacheControl, clock()))
  ) {
    response.setHeader('Cache-Control', madePrivate(cacheControl ?? ''))
  }
}

interface Seen {
  cacheControl: string | undefined
  expires: string | undefined
  /** Fields that speak to shared caches alone. */
  targets: { names: string[]; fields: string[] } | undefined
  cookies: OutgoingHttpHeader | undefined
}

/**
 * What stands in the head so far that matters here. One list of names instead of a question for each: Express gives every response a hidden
 * class of its own, so that each call on it costs about a microsecond (Node 20 and 22).
 */
function lookAt(response: Response): Seen {
  const seen: Seen = { cacheControl: undefined, expires: undefined, targets: undefined, cookies: undefined }
  for (const name of response.getHeaderNames()) {
    if (name === 'set-cookie') seen.cookies = response.getHeader(name)
    else if (name === 'cache-control') seen.cacheControl = String(response.getHeader(name))
    else if (name === 'expires') seen.expires = String(response.getHeader(name))
    else if (isTargeted(name)) {
      seen.targets ??= { names: [], fields: [] }
      seen.targets.names.push(name)
      seen.targets.fields.push(String(response.getHeader(name)))
    }
  }
  return seen
}

/** Cookies that others set; one of our name is a leftover of a failed writeHead, or a mistake. */
function otherCookies(
  header: OutgoingHttpHeader | undefined,
  isOurs: (setCookie: string) => boolean,
): string[] | undefined {
  if (header === undefined) return undefined
  const list = Array.isArray(header) ? header : [String(header)]
  return list.filter((cookie) => !isOurs(cookie))
}
