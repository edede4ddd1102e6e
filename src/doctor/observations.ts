/** What a client did when it asked. `recording`: somebody's browser, and nobody knows why it asked. */
export type Probe =
  | 'entry'
  | 'repeat'
  | 'fresh'
  | 'missing'
  | 'redirect'
  | 'redirect, its cookie dropped'
  | 'parallel'
  | 'head'
  | 'wait'
  | 'upgrade'
  | 'recording'

export interface CookiePair {
  readonly name: string
  readonly value: string
}

/** A Set-Cookie field, as a browser reads it. */
export interface SetCookie extends CookiePair {
  /** Bytes of name and value together: what browsers limit to 4096 (RFC 6265bis section 5.6). */
  readonly bytes: number
  /** Seconds; undefined: no Max-Age. */
  readonly maxAge: number | undefined
  /** Milliseconds since 1970; undefined: no Expires. */
  readonly expires: number | undefined
  /** In small letters, without a leading dot. */
  readonly domain: string | undefined
  readonly path: string | undefined
  readonly secure: boolean
  readonly httpOnly: boolean
  /** In small letters. */
  readonly sameSite: string | undefined
  /** It takes a cookie away, by a time in the past. */
  readonly removes: boolean
}

/** One request and its answer. */
export interface Exchange {
  /** From 1, in the order of asking; evidence names exchanges by it. */
  readonly number: number
  readonly probe: Probe
  /** Who asked; each client has a cookie jar of its own. */
  readonly client: string
  readonly method: string
  readonly url: string
  /** When it was asked: milliseconds since 1970 on this machine's clock. */
  readonly at: number
  /** Milliseconds until the answer's head. */
  readonly took: number
  /** Milliseconds for which this client had asked nothing, when that was meant as a pause; otherwise 0. */
  readonly idle: number
  readonly sent: readonly CookiePair[]
  /** 0: no answer came. */
  readonly status: number
  /** Names in small letters, in the order of the wire. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly cookies: readonly SetCookie[]
  /** A short digest of the body; undefined: there was none, or nobody looked. */
  readonly body: string | undefined
  /** Why there is no answer. */
  readonly failure: string | undefined
}

/** All that the checks look at. */
export interface Observations {
  readonly from: 'probes' | 'recording'
  /** The page that was asked for most; undefined in a recording. */
  readonly page: string | undefined
  readonly exchanges: readonly Exchange[]
}

/** The values of a field, one for each line of the answer. */
export function fields({ headers }: Exchange, name: string): readonly string[] {
  return headers.filter(([field]) => field === name).map(([, value]) => value)
}

/** The exchanges that got an answer. */
export function answered({ exchanges }: Observations): readonly Exchange[] {
  return exchanges.filter(({ status }) => status > 0)
}

/** An answer that sends the client elsewhere. */
export function isRedirect(exchange: Exchange): boolean {
  return [301, 302, 303, 307, 308].includes(exchange.status) && fields(exchange, 'location').length > 0
}

/** The cookies that an answer leaves with the client. */
export function kept({ cookies }: Exchange): readonly SetCookie[] {
  return cookies.filter(({ removes }) => !removes)
}
