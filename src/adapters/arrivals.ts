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
  const { isOurs } = createCookieWriter(cookie)
  return function arrive(request, response, already, frameworkSaysSecure) {
    if (already !== undefined) {
      engine.warn(
        'mounted-twice',
        'sticky() is mounted twice on the way of one request: the second does nothing; remove it',
      )
      return undefined
    }
    // Once: on a request of Express each look at a property costs about as much as all the rest of this function.
    const { headers } = request
    const secure = isSecure(engine, request, headers['x-forwarded-proto'], frameworkSaysSecure)
    const visit = engine.arrive({ cookieHeader: headers.cookie, secure })
    addCookieLast(response, visit, cacheable, isOurs)
    return visit
  }
}

function isSecure(
  engine: Engine,
  request: NodeRequest,
  forwarded: string | string[] | undefined,
  frameworkSaysSecure: () => boolean,
): boolean {
  const { cookie } = engine.config
  if ((request.socket as { encrypted?: boolean }).encrypted) return true
  if (cookie.secure === 'auto') {
    if (forwarded !== undefined && frameworkSaysSecure()) return true
    if (forwarded === 'https') warnUntrusted(engine)
    else if (cookie.sameSite === 'none' || cookie.partitioned) warnInsecure(engine)
    return false
  }
  if (cookie.secure && forwarded !== 'https') warnInsecure(engine)
  return cookie.secure
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
    "a request came over http, where browsers drop the cookie, because it is secure (or has to be, with sameSite: 'none' or " +
      "partitioned): every request begins a new session. Serve https, or use secure: 'auto' with sameSite: 'lax'",
  )
}
