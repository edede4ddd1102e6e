import type { CookieAttributes } from '../core/cookie.ts'
import { createCookieWriter } from '../core/cookie.ts'
import { LimpetError } from '../core/errors.ts'
import { describe } from './duration.ts'
import { OTHER_COOKIE_OPTIONS } from './other-words.ts'
import { checkKeys } from './unknown-keys.ts'

const DEFAULTS: CookieAttributes = {
  name: 'limpet',
  path: '/',
  domain: undefined,
  httpOnly: true,
  sameSite: 'lax',
  secure: 'auto',
  partitioned: false,
  lifetime: 'permanent',
}

/** A token (RFC 9110 section 5.6.2), and short enough to leave room for a value. */
export const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/

/** Checks the attributes and the rules between them (RFC 6265bis sections 4.1.2 and 4.1.3). */
export function readCookie(options: object): CookieAttributes {
  checkKeys(options, Object.keys(DEFAULTS), {
    what: 'cookie option',
    name: 'cookie',
    example: "{ name: 'limpet' }",
    others: OTHER_COOKIE_OPTIONS,
  })
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const cookie = { ...DEFAULTS, ...given } as CookieAttributes
  checkTypes(cookie)
  checkCookieRules(cookie, given.secure !== undefined)
  return Object.freeze(cookie)
}

function checkTypes({ name, path, domain, httpOnly, sameSite, secure, partitioned, lifetime }: CookieAttributes): void {
  if (typeof name !== 'string' || !COOKIE_NAME.test(name)) {
    throw wrong(`cookie.name must be 1 to 64 letters, digits or "-_.", like 'limpet'; got ${describe(name)}`)
  }
  if (typeof path !== 'string' || !path.startsWith('/') || !fits({ path })) {
    throw wrong(
      `cookie.path must begin with "/" and be printable ASCII without ";" or "<", like '/shop' (encodeURI makes it so); ` +
        `got ${describe(path)}`,
    )
  }
  if (domain !== undefined && (typeof domain !== 'string' || domain === '' || !fits({ domain }))) {
    throw wrong(
      "cookie.domain must be a host name without scheme, port or path, like 'example.com', or left out: then the cookie is " +
        `for the one host that set it; got ${describe(domain)}`,
    )
  }
  choice(httpOnly, [true, false], 'httpOnly')
  choice(sameSite, ['lax', 'strict', 'none'], 'sameSite')
  choice(secure, [true, false, 'auto'], 'secure')
  choice(partitioned, [true, false], 'partitioned')
  choice(lifetime, ['permanent', 'session'], 'lifetime')
}

/** The cookie library is the judge of what a Set-Cookie can carry; its words do not name our options. */
function fits(attribute: Partial<CookieAttributes>): boolean {
  try {
    createCookieWriter({ ...DEFAULTS, ...attribute })
    return true
  } catch {
    return false
  }
}

/** What browsers demand of a cookie with these attributes and this name. */
export function checkCookieRules(cookie: CookieAttributes, secureIsGiven: boolean): void {
  const { name, path, domain, sameSite, secure, partitioned } = cookie
  const prefix = /^__(host|secure)-/i.exec(name)?.[0]
  if (prefix && secure !== true) {
    throw wrong(
      `browsers refuse a cookie named ${prefix}... that is not secure: add secure: true, or choose another name`,
    )
  }
  if (prefix?.toLowerCase() === '__host-' && domain !== undefined) {
    throw wrong(
      `browsers refuse a cookie named ${prefix}... with a domain: leave cookie.domain out, or choose another name`,
    )
  }
  if (prefix?.toLowerCase() === '__host-' && path !== '/') {
    throw wrong(`browsers refuse a cookie named ${prefix}... with another path than "/": leave cookie.path out`)
  }
  // The default, 'auto', would send it without Secure wherever the application does not see https, and browsers drop that.
  if ((sameSite === 'none' || partitioned) && (secure === false || !secureIsGiven)) {
    const what = sameSite === 'none' ? "a cookie with sameSite: 'none'" : 'a partitioned cookie'
    throw wrong(
      `browsers refuse ${what} that is not secure: add secure: true, or secure: 'auto' if each request comes over https ` +
        'as the application sees it' +
        (sameSite === 'none' ? ", or use sameSite: 'lax'" : ', or leave cookie.partitioned out'),
    )
  }
}

function choice(value: unknown, allowed: readonly unknown[], name: string): void {
  if (allowed.includes(value)) return
  const words = allowed.map((one) => (typeof one === 'string' ? `'${one}'` : String(one)))
  throw wrong(`cookie.${name} must be ${words.join(' or ')}; got ${describe(value)}`)
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
