import { stringifySetCookie } from 'cookie'

/** What a session's cookie can be given; `maxAge` and `expires` aside. */
export interface CookieLooks {
  readonly path: string
  readonly domain: string | undefined
  readonly httpOnly: boolean
  readonly secure: boolean | 'auto' | undefined
  readonly sameSite: boolean | 'lax' | 'strict' | 'none' | 'auto' | undefined
  readonly partitioned: boolean | undefined
  readonly priority: 'low' | 'medium' | 'high' | undefined
}

const LOOKS = ['path', 'domain', 'httpOnly', 'secure', 'sameSite', 'partitioned', 'priority'] as const

/**
 * `req.session.cookie`, as express-session has it: setting `maxAge` or `expires` sets both, and `originalMaxAge`, for
 * which the session lives from its last request on. `null` and `false`: the cookie ends with the browser.
 */
export class Cookie {
  path = '/'
  httpOnly = true
  declare domain: string | undefined
  declare secure: boolean | 'auto' | undefined
  declare sameSite: boolean | 'lax' | 'strict' | 'none' | 'auto' | undefined
  declare partitioned: boolean | undefined
  declare priority: 'low' | 'medium' | 'high' | undefined
  /** Milliseconds. */
  declare originalMaxAge: number | null
  declare _expires: Date | false | null | undefined

  constructor(options?: object) {
    this.maxAge = null
    if (options !== undefined && options !== null) {
      if (typeof options !== 'object') throw new TypeError('argument options must be a object')
      for (const [name, value] of Object.entries(options)) {
        if (name !== 'data') (this as Record<string, unknown>)[name] = name === 'expires' ? asDate(value) : value
      }
      const { originalMaxAge } = options as { originalMaxAge?: number | null }
      if (originalMaxAge !== undefined) this.originalMaxAge = originalMaxAge
    }
    this.originalMaxAge ??= this.#age()
  }

  get expires(): Date | false | null | undefined {
    return this._expires
  }

  set expires(date: Date | false | null | undefined) {
    this._expires = date
    this.originalMaxAge = this.#age()
  }

  // biome-ignore lint/suspicious/noExplicitAny: express-session's own type says number or undefined, and it takes null
  get maxAge(): any {
    return this._expires instanceof Date ? this.#age() : this._expires
  }

  set maxAge(ms: unknown) {
    if (ms && typeof ms !== 'number' && !(ms instanceof Date)) throw new TypeError('maxAge must be a number or Date')
    this.expires = typeof ms === 'number' ? new Date(Date.now() + ms) : (ms as Date | null)
  }

  get data(): Record<string, unknown> {
    const { originalMaxAge, partitioned, priority, _expires: expires, secure, httpOnly, domain, path, sameSite } = this
    return { originalMaxAge, partitioned, priority, expires, secure, httpOnly, domain, path, sameSite }
  }

  /** The text of a Set-Cookie with these looks. */
  serialize(name: string, value: string): string {
    const { expires, originalMaxAge: _, ...looks } = this.data
    const given = Object.fromEntries(
      Object.entries({ ...looks, ...(expires instanceof Date && { expires }) }).filter(([, one]) => one !== undefined),
    )
    return stringifySetCookie({ ...given, name, value })
  }

  toJSON(): Record<string, unknown> {
    return this.data
  }

  #age(): number | null {
    return this._expires instanceof Date ? this._expires.valueOf() - Date.now() : null
  }
}

/** Dates that have been JSON are Dates again. */
function asDate(value: unknown): unknown {
  return typeof value === 'string' ? new Date(value) : value
}

/** What one session's cookie has that is not configured, as it is stored; undefined: nothing. */
export function ownLooks(cookie: unknown, usual: Cookie): string | undefined {
  if (typeof cookie !== 'object' || cookie === null) return undefined
  const [mine, theirs] = [cookie as Record<string, unknown>, usual as unknown as Record<string, unknown>]
  const looks: Record<string, unknown> = {}
  const age = ageOf(cookie)
  if (!isSameAge(age, usual.originalMaxAge)) looks.originalMaxAge = age
  for (const name of LOOKS) if (mine[name] !== theirs[name]) looks[name] = mine[name] ?? null
  return Object.keys(looks).length === 0 ? undefined : JSON.stringify(looks)
}

/** Milliseconds; null: the cookie ends with the browser. */
export function ageOf(cookie: object): number | null {
  const { originalMaxAge } = cookie as { originalMaxAge?: unknown }
  return typeof originalMaxAge === 'number' && Number.isFinite(originalMaxAge) ? originalMaxAge : null
}

/** Are two texts of `ownLooks` the same? */
export function areSameLooks(one: string | undefined, other: string | undefined): boolean {
  if (one === other || one === undefined || other === undefined) return one === other
  const { originalMaxAge: mine, ...looks } = JSON.parse(one)
  const { originalMaxAge: theirs, ...others } = JSON.parse(other)
  if (mine === undefined || theirs === undefined || !isSameAge(mine, theirs)) return false
  return JSON.stringify(looks) === JSON.stringify(others)
}

/** `expires = new Date(Date.now() + hour)` in each request says the same each time, but for a few milliseconds. */
export function isSameAge(one: number | null, other: number | null): boolean {
  if (one === null || other === null) return one === other
  return Math.abs(one - other) < 1000
}
