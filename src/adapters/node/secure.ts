import type { Exchange } from '../../ports/exchange.ts'
import type { NodeRequest } from './write-head.ts'

/**
 * Who can say whether a proxy is to be believed: a request of Express or Fastify, a context of Koa. Others have no
 * `secure`.
 */
export interface Speaker {
  readonly secure?: unknown
}

/**
 * Should the cookie be Secure? `undefined`: a proxy has written X-Forwarded-Proto, and whether it is to be believed is
 * the framework's to say, which may not have the request yet: ask `believe` when the head leaves.
 */
export type Judge = (request: NodeRequest) => boolean | undefined

export interface SecureCheck {
  readonly atArrival: Judge
  believe(request: NodeRequest, speaker: Speaker): boolean
}

/** Looks at the connection only where that decides something. */
export function createSecureCheck(exchange: Exchange): SecureCheck {
  const { sameSite, partitioned } = exchange.cookie
  const needsSecure = sameSite === 'none' || partitioned
  const believe = (request: NodeRequest, speaker: Speaker) => {
    const says = saysHttps(forwardedProto(request))
    // Nobody here knows the proxies: then what it says can only add Secure, and a client that made it up harms itself
    // alone.
    const known = frameworkSays(speaker) ?? says
    if (known) return true
    if (says) warnUntrusted(exchange)
    else if (needsSecure) warnInsecure(exchange)
    return false
  }
  return { atArrival: judgeFor(exchange, needsSecure), believe }
}

function judgeFor(exchange: Exchange, needsSecure: boolean): Judge {
  const { secure } = exchange.cookie
  if (secure === false) return () => false
  if (secure === true) {
    return (request) => {
      if (!saysHttps(forwardedProto(request)) && !isEncrypted(request)) warnInsecure(exchange)
      return true
    }
  }
  return (request) => {
    if (isEncrypted(request)) return true
    if (forwardedProto(request) !== undefined) return undefined
    if (needsSecure) warnInsecure(exchange)
    return false
  }
}

/**
 * Undefined: no framework has had the request. It looks at the socket, which may be gone by now (HTTP/2 throws then).
 */
function frameworkSays(speaker: Speaker): boolean | undefined {
  try {
    const { secure } = speaker
    return typeof secure === 'boolean' ? secure : undefined
  } catch {
    return undefined
  }
}

const forwardedProto = ({ headers }: NodeRequest) => headers['x-forwarded-proto']

function isEncrypted({ socket }: NodeRequest): boolean {
  // A request that somebody made up may have no socket.
  return (socket as { encrypted?: boolean } | undefined)?.encrypted === true
}

/** With several proxies it is a list, and the first of them has met the client. */
function saysHttps(forwarded: string | string[] | undefined): boolean {
  if (forwarded === undefined) return false
  const [first = ''] = String(forwarded).split(',', 1)
  return first.trim().toLowerCase() === 'https'
}

function warnUntrusted(exchange: Exchange): void {
  exchange.warn(
    'untrusted-proxy',
    'a proxy says that the client came over https (X-Forwarded-Proto), but the application does not trust it, so the cookie goes ' +
      "without Secure: in Express app.set('trust proxy', 1), in Koa app.proxy = true, in Fastify trustProxy: true, or cookie: { secure: true }",
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
