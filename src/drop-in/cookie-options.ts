import { describe } from '../config/duration.ts'
import type { CookieOptions as StickyCookie } from '../config/plain-options.ts'
import { checkKeys } from '../config/unknown-keys.ts'
import { LimpetError } from '../core/errors.ts'
import { Cookie } from './cookie.ts'
import { comesOverHttps } from './https.ts'

/** `cookie` of session(), as it was given. */
export type CookieOption = object | ((req: object) => object)

const KNOWN = [
  ...['path', 'domain', 'httpOnly', 'secure', 'sameSite', 'partitioned', 'priority', 'maxAge', 'expires'],
  // Of no effect there either, for this cookie.
  ...['signed', 'originalMaxAge'],
]

/** A session lives for at least a second. */
const LEAST = 1000
/** And for at most ten years. */
const MOST = 10 * 365.25 * 86_400_000

/** The option `cookie`, checked. Throws `ERR_LIMPET_OPTIONS`. */
export function readCookieOption(cookie: unknown): { fixed: object; of: ((req: object) => object) | undefined } {
  if (typeof cookie === 'function') return { fixed: {}, of: cookie as (req: object) => object }
  if (cookie === undefined || cookie === null) return { fixed: {}, of: undefined }
  checkKeys(cookie, KNOWN, {
    what: 'cookie option',
    name: 'cookie',
    example: '{ maxAge: 86_400_000 }',
    others: {
      encode: 'the value of the cookie is a signed token, which needs no encoding: remove it',
      decode: 'the value of the cookie is a signed token, which needs no decoding: remove it',
      name: "the cookie's name stands beside `cookie`: session({ name: 'sid' })",
    },
  })
  const { expires, maxAge } = cookie as { expires?: unknown; maxAge?: unknown }
  if (expires instanceof Date) {
    throw wrong(
      'cookie.expires would end all sessions at one moment, those that begin after it at once: write cookie: { maxAge: milliseconds }, ' +
        'or set req.session.cookie.expires in the one session that is to end then',
    )
  }
  const isAge = typeof maxAge === 'number' && maxAge >= LEAST
  if (maxAge !== undefined && maxAge !== null && !isAge) {
    throw wrong(`cookie.maxAge must be milliseconds, at least ${LEAST}, or null; got ${describe(maxAge)}`)
  }
  return { fixed: cookie, of: undefined }
}

/** What sticky() is to be told of the cookie. What it has no word for is put on afterwards (`dressed`). */
export function stickyCookie(name: string, { fixed }: { fixed: object }, proxy: unknown): StickyCookie {
  const { path, domain, httpOnly, secure, maxAge } = new Cookie(fixed)
  const cookie = {
    name,
    path: path ?? '/',
    ...(domain !== undefined && { domain }),
    httpOnly: httpOnly !== false,
    // Where session() is told whether to believe proxies, nobody else need ask.
    secure: secure === 'auto' && typeof proxy === 'boolean' ? false : (secure ?? false),
    lifetime: typeof maxAge === 'number' ? 'permanent' : 'session',
  }
  return cookie as StickyCookie
}

/** A session's own lifetime in milliseconds, as the text of its looks says it; 0: it has none. */
export function lifetimeOf(looks: string | undefined): number {
  const { originalMaxAge } = looks === undefined ? {} : JSON.parse(looks)
  if (typeof originalMaxAge !== 'number') return 0
  return Math.round(Math.min(MOST, Math.max(LEAST, originalMaxAge)))
}

/** `secure` and `sameSite` may be 'auto': then the connection decides. */
export function cookieFor(req: object, options: object, proxy: boolean | undefined, looks?: string): Cookie {
  const cookie = new Cookie(options)
  if (cookie.secure === 'auto' || cookie.sameSite === 'auto') {
    const isSecure = comesOverHttps(req, proxy)
    if (cookie.secure === 'auto') cookie.secure = isSecure
    if (cookie.sameSite === 'auto') cookie.sameSite = isSecure ? 'none' : 'lax'
  }
  if (looks !== undefined) {
    const { originalMaxAge, ...others } = JSON.parse(looks)
    for (const name of Object.keys(others)) others[name] ??= undefined
    Object.assign(cookie, others)
    if (originalMaxAge !== undefined) cookie.maxAge = originalMaxAge
  }
  return cookie
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
