import { createCookieWriter } from '../core/cookie.ts'
import type { Engine } from '../engine/engine.ts'
import type { Visit } from '../engine/visit.ts'
import type { Sticky } from '../ports/sticky.ts'
import { addCookieLast, type NodeRequest, type NodeResponse } from './node.ts'

/** What every middleware of limpet is beside a function. */
export interface Handle {
  /** Ends what sticky() started: timers, its own Redis connections, subscriptions. A client that you passed in stays open. */
  close(): Promise<void>
}

export type Arrive = (
  request: NodeRequest,
  response: NodeResponse,
  already: Sticky | undefined,
  frameworkSaysSecure: () => boolean,
) => Visit | undefined

/** What all adapters for Node do with a request. Undefined: another sticky() has taken it. */
export function createArrivals(engine: Engine): Arrive {
  const { cookie, cacheable } = engine.config
  const rules = { cacheable, isOurs: createCookieWriter(cookie).isOurs, clock: engine.clock }
  const isSecure = createSecureCheck(engine)
  return function arrive(request, response, already, frameworkSaysSecure) {
    if (already !== undefined) {
      warnTwice(engine)
      return undefined
    }
    // Once: on a request of Express each look at a property costs about as much as all the rest of this function.
    const { headers } = request
    const secure = isSecure(request, headers['x-forwarded-proto'], frameworkSaysSecure)
    const visit = engine.arrive({ cookieHeader: headers.cookie, secure })
    addCookieLast(response, visit, rules)
    return visit
  }
}

type SecureCheck = (
  request: NodeRequest,
  forwarded: string | string[] | undefined,
  frameworkSaysSecure: () => boolean,
) => boolean

/** Should the cookie of this response be Secure? Looks at the connection only where that decides something. */
function createSecureCheck(engine: Engine): SecureCheck {
  const { secure, sameSite, partitioned } = engine.config.cookie
  if (secure === false) return () => false
  if (secure === true) {
    return (request, forwarded) => {
      if (!saysHttps(forwarded) && !isEncrypted(request)) warnInsecure(engine)
      return true
    }
  }
  const needsSecure = sameSite === 'none' || partitioned
  return (request, forwarded, frameworkSaysSecure) => {
    if (isEncrypted(request)) return true
    if (forwarded !== undefined && frameworkSaysSecure()) return true
    if (saysHttps(forwarded)) warnUntrusted(engine)
    else if (needsSecure) warnInsecure(engine)
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

function warnTwice(engine: Engine): void {
  engine.warn(
    'mounted-twice',
    'a request has come to a second sticky(), which does nothing, whatever its options: remove it; or, where a part of the application needs ' +
      'one of its own, mount the first one so that requests to that part do not pass it',
  )
}

function warnUntrusted(engine: Engine): void {
  engine.warn(
    'untrusted-proxy',
    'a proxy says that the client came over https (X-Forwarded-Proto), but the application does not trust it, so the cookie goes ' +
      "without Secure: in Express app.set('trust proxy', 1), in Koa app.proxy = true, elsewhere cookie: { secure: true }",
  )
}

function warnInsecure(engine: Engine): void {
  engine.warn(
    'insecure-cookie',
    'a request came over http, where browsers drop a cookie that is secure (or has to be, with ' +
      "sameSite: 'none' or partitioned): unless a proxy in front speaks https with the browser, every request begins a new session. Serve https, " +
      "have the proxy send X-Forwarded-Proto, or use secure: 'auto' with sameSite: 'lax'",
  )
}
