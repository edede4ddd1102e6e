import { createCookieWriter } from '../core/cookie.ts'
import type { Exchange } from '../ports/exchange.ts'
import type { Sticky } from '../ports/sticky.ts'
import { addCookieLast, type NodeRequest, type NodeResponse } from './node.ts'

export type Arrive = (
  request: NodeRequest,
  response: NodeResponse,
  already: Sticky | undefined,
  frameworkSaysSecure: () => boolean,
) => Sticky | undefined

/** What all adapters for Node do with a request. Undefined: another sticky() has taken it. */
export function createArrivals(exchange: Exchange): Arrive {
  const { cookie, cacheable, clock } = exchange
  const rules = { cacheable, isOurs: createCookieWriter(cookie).isOurs, clock }
  const isSecure = createSecureCheck(exchange)
  return function arrive(request, response, already, frameworkSaysSecure) {
    if (already !== undefined) {
      warnTwice(exchange)
      return undefined
    }
    // Once: on a request of Express each look at a property costs about as much as all the rest of this function.
    const { headers } = request
    const secure = isSecure(request, headers['x-forwarded-proto'], frameworkSaysSecure)
    const { sticky, departure } = exchange.arrive({ cookieHeader: headers.cookie, secure })
    addCookieLast(response, departure, rules)
    return sticky
  }
}

type SecureCheck = (
  request: NodeRequest,
  forwarded: string | string[] | undefined,
  frameworkSaysSecure: () => boolean,
) => boolean

/** Should the cookie of this response be Secure? Looks at the connection only where that decides something. */
function createSecureCheck(exchange: Exchange): SecureCheck {
  const { secure, sameSite, partitioned } = exchange.cookie
  if (secure === false) return () => false
  if (secure === true) {
    return (request, forwarded) => {
      if (!saysHttps(forwarded) && !isEncrypted(request)) warnInsecure(exchange)
      return true
    }
  }
  const needsSecure = sameSite === 'none' || partitioned
  return (request, forwarded, frameworkSaysSecure) => {
    if (isEncrypted(request)) return true
    if (forwarded !== undefined && frameworkSaysSecure()) return true
    if (saysHttps(forwarded)) warnUntrusted(exchange)
    else if (needsSecure) warnInsecure(exchange)
    return false
  }
}

function isEncrypted({ socket }: NodeRequest): boolean {
  return (socket as { encrypted?: boolean }).encrypted === true
}

/** With several proxies it is a list, and the first of them has met the client. */
function saysHttps(forwarded: string | string[] | undefined): boolean {
  if (forwarded === undefined) return false
  const [first = ''] = String(forwarded).split(',', 1)
  return first.trim().toLowerCase() === 'https'
}

function warnTwice(exchange: Exchange): void {
  exchange.warn(
    'mounted-twice',
    'a request has come to a second sticky(), which does nothing, whatever its options: remove it; or, where a part of the application needs ' +
      'one of its own, mount the first one so that requests to that part do not pass it',
  )
}

function warnUntrusted(exchange: Exchange): void {
  exchange.warn(
    'untrusted-proxy',
    'a proxy says that the client came over https (X-Forwarded-Proto), but the application does not trust it, so the cookie goes ' +
      "without Secure: in Express app.set('trust proxy', 1), in Koa app.proxy = true, elsewhere cookie: { secure: true }",
  )
}

function warnInsecure(exchange: Exchange): void {
  exchange.warn(
    'insecure-cookie',
    'a request came over http, where browsers drop a cookie that is secure (or has to be, with ' +
      "sameSite: 'none' or partitioned): unless a proxy in front speaks https with the browser, every request begins a new session. Serve https, " +
      "have the proxy send X-Forwarded-Proto, or use secure: 'auto' with sameSite: 'lax'",
  )
}
