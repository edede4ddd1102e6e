import type { SetCookie } from '../observations.ts'
import { Cookie } from './jar.ts'

/**
 * Reads a Set-Cookie field as browsers do (RFC 6265 section 5.2). Undefined: a browser would not take it for a cookie.
 * `now`: milliseconds since 1970.
 */
export function readSetCookie(line: string, now: number): SetCookie | undefined {
  const cookie = Cookie.parse(line, { loose: true })
  if (!cookie) return undefined
  const maxAge = secondsOf(cookie.maxAge)
  const expires = cookie.expires instanceof Date ? cookie.expires.getTime() : undefined
  return {
    name: cookie.key,
    value: cookie.value,
    bytes: Buffer.byteLength(cookie.key) + Buffer.byteLength(cookie.value),
    maxAge,
    expires,
    domain: cookie.domain?.toLowerCase() || undefined,
    path: cookie.path ?? undefined,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    sameSite: cookie.sameSite?.toLowerCase(),
    removes: maxAge === undefined ? expires !== undefined && expires <= now : maxAge <= 0,
  }
}

function secondsOf(maxAge: Cookie['maxAge']): number | undefined {
  if (maxAge === 'Infinity') return Number.POSITIVE_INFINITY
  if (maxAge === '-Infinity') return 0
  return maxAge ?? undefined
}

/** Seconds for which a browser keeps the cookie; undefined: until it is closed. Max-Age counts before Expires. */
export function lifetimeOf(cookie: SetCookie, at: number): number | undefined {
  if (cookie.maxAge !== undefined) return cookie.maxAge
  return cookie.expires === undefined ? undefined : Math.round((cookie.expires - at) / 1000)
}
