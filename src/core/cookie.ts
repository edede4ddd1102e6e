import { stringifySetCookie } from 'cookie'

export interface CookieAttributes {
  readonly name: string
  readonly path: string
  readonly domain: string | undefined
  readonly httpOnly: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly secure: boolean | 'auto'
  readonly partitioned: boolean
  /** `permanent` survives the browser's end (Max-Age), `session` does not. */
  readonly lifetime: 'permanent' | 'session'
}

export interface CookieWriter {
  /**
   * The whole Set-Cookie value for a token. `maxAge` in seconds; `isKept`: it survives the browser's end, whatever the
   * configuration says.
   */
  write(value: string, maxAge: number, secure: boolean, isKept?: boolean): string
  /** True for a Set-Cookie value, written by anybody, that sets our cookie. */
  isOurs(setCookie: string): boolean
}

/** Everything but the value and Max-Age is put together once. */
export function createCookieWriter(cookie: CookieAttributes): CookieWriter {
  const prefix = `${cookie.name}=`
  const plain = attributes(cookie, cookie.secure === true)
  const secured = attributes(cookie, cookie.secure !== false)
  const permanent = cookie.lifetime === 'permanent'
  return {
    write: (value, maxAge, secure, isKept = false) =>
      prefix + value + (permanent || isKept ? `; Max-Age=${maxAge}` : '') + (secure ? secured : plain),
    isOurs: (setCookie) => setCookie.startsWith(prefix) || nameOf(setCookie) === cookie.name,
  }
}

/** True for a Set-Cookie value, written by anybody, that sets this cookie. */
export function sets(setCookie: string, name: string): boolean {
  return setCookie.startsWith(`${name}=`) || nameOf(setCookie) === name
}

/** Browsers take the spaces around a name away (RFC 6265 section 5.2). Undefined: no name at all. */
function nameOf(setCookie: string): string | undefined {
  const end = setCookie.indexOf('=')
  return end === -1 ? undefined : setCookie.slice(0, end).trim()
}

/** The value in a Set-Cookie. */
export function setCookieValue(setCookie: string): string {
  const [pair = ''] = setCookie.split(';', 1)
  return unquote(pair.slice(pair.indexOf('=') + 1).trim())
}

function attributes(cookie: CookieAttributes, secure: boolean): string {
  const { name, path, domain, httpOnly, sameSite, partitioned } = cookie
  const whole = stringifySetCookie({
    name,
    value: '',
    path,
    httpOnly,
    sameSite,
    secure,
    ...(domain === undefined ? {} : { domain }),
    ...(partitioned ? { partitioned } : {}),
  })
  return whole.slice(`${name}=`.length)
}

/**
 * The values that a Cookie header has under a name, in order. Parsers keep only the first or the last of them, but an
 * old Path or Domain makes browsers send two (RFC 6265 section 5.4), and the wrong one may come first.
 */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  if (header === undefined) return NONE
  let values: string[] | undefined
  const wanted = `${name}=`
  for (let at = header.indexOf(wanted); at !== -1; at = header.indexOf(wanted, at + 1)) {
    if (!startsPair(header, at)) continue
    const from = at + wanted.length
    const end = header.indexOf(';', from)
    const value = unquote((end === -1 ? header.slice(from) : header.slice(from, end)).trim())
    if (values) values.push(value)
    else values = [value]
  }
  return values ?? NONE
}

const NONE: readonly string[] = []

function startsPair(header: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && (header[before] === ' ' || header[before] === '\t')) before--
  return before < 0 || header[before] === ';'
}

function unquote(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}
