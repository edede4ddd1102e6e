import type { CookieAttributes } from './cookie.ts'
import { readCookie } from './cookie-options.ts'
import type { Limits } from './decide.ts'
import { type Duration, describe, readDuration } from './duration.ts'
import { LimpetError } from './errors.ts'
import { BACKEND_ID } from './token.ts'
import { refuseUnknown } from './unknown-keys.ts'

/** What `sticky(options)` takes, but for its parts that are no plain values. Everything is optional. */
export interface PlainOptions<CookieName extends string = string> {
  /**
   * Signs the cookie: at least 32 bytes, the same on every backend. In a list the first signs and all verify, which is how
   * a secret is changed. Default: `LIMPET_SECRET`. Missing in production: `ERR_LIMPET_SECRET`; missing elsewhere: a random one.
   */
  secret?: string | readonly string[] | undefined
  cookie?: CookieOptions<CookieName> | undefined
  /** A session ends after this long without a request. Default `'24h'`, at least one second. */
  idleTimeout?: Duration | undefined
  /** A session ends this long after it began, whatever happens. Default: never. */
  absoluteTimeout?: Duration | undefined
  /** This process. `id`: 1 to 64 of `[A-Za-z0-9_-]`, and no address (clients can read it); default: random at every boot. */
  backend?: { id?: string | undefined } | undefined
  /** What to do with a request whose session another backend owns. Only `'serve'` exists so far: answer it here. */
  misdirected?: 'serve' | undefined
  /**
   * A response that a shared cache may store gets no cookie (`'skip'`, the default), is made private and gets it (`'private'`), or gets
   * it as it is (`'emit'`: only when you know that your cache strips cookies).
   */
  cacheable?: 'skip' | 'private' | 'emit' | undefined
  /** Deadline of one store call. Default `'1s'`. */
  storeTimeout?: Duration | undefined
  /**
   * `'token'` (default): a local copy answers when it is at least as new as what the client has seen. `'strict'`: every read asks the store.
   */
  consistency?: 'token' | 'strict' | undefined
  /** Bytes of keys and JSON that one session may hold. Default 65536. */
  maxSessionBytes?: number | undefined
}

/**
 * The cookie's attributes. A name with `__Host-` or `__Secure-` asks for the attributes that browsers demand of it (RFC 6265bis
 * section 4.1.3), and `sameSite: 'none'` for a secure cookie; the types say so where the name is a literal, the start-up check always.
 */
export type CookieOptions<Name extends string = string> = {
  /** Default `'limpet'`. */
  name?: Name | undefined
  /** Default true: scripts cannot read the cookie. */
  httpOnly?: boolean | undefined
  /** Default false. Cookies Having Independent Partitioned State; needs a secure cookie. */
  partitioned?: boolean | undefined
  /** `'permanent'` (default) survives the end of the browser, `'session'` does not. */
  lifetime?: 'permanent' | 'session' | undefined
} & NameRules<Name> &
  SameSiteRules

type NameRules<Name extends string> = Name extends `__Host-${string}`
  ? { secure: true; domain?: undefined; path?: '/' | undefined }
  : Name extends `__Secure-${string}`
    ? { secure: true; domain?: string | undefined; path?: string | undefined }
    : { secure?: boolean | 'auto' | undefined; domain?: string | undefined; path?: string | undefined }

type SameSiteRules =
  /** Default `'lax'`. */
  { sameSite?: 'lax' | 'strict' | undefined } | { sameSite: 'none'; secure?: true | 'auto' | undefined }

/** The options as the request path uses them: complete, checked, frozen. */
export interface Config {
  readonly secrets: readonly string[]
  readonly cookie: CookieAttributes
  readonly limits: Limits
  readonly redisUrl: string | undefined
  readonly backendId: string | undefined
  readonly cacheable: 'skip' | 'private' | 'emit'
  /** Milliseconds. */
  readonly storeTimeout: number
  readonly strict: boolean
  readonly maxSessionBytes: number
  readonly production: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

const KNOWN = [
  'secret',
  'cookie',
  'idleTimeout',
  'absoluteTimeout',
  'store',
  'backend',
  'misdirected',
  'cacheable',
  'storeTimeout',
  'consistency',
  'maxSessionBytes',
  'onEvent',
]

/** Turns options and environment into one frozen config. Throws `ERR_LIMPET_OPTIONS` or `ERR_LIMPET_SECRET`, saying what to write instead. */
export function readOptions(options: PlainOptions, env: Environment): Config {
  refuseNonOptions(options)
  refuseUnknown(options, KNOWN, 'option')
  const production = env.NODE_ENV === 'production'
  const idle = readDuration(options.idleTimeout ?? '24h', 'idleTimeout', 1000) / 1000
  const absolute =
    options.absoluteTimeout === undefined
      ? undefined
      : readDuration(options.absoluteTimeout, 'absoluteTimeout', 1000) / 1000
  oneOf(options.misdirected, ['serve'], 'misdirected')
  const { store, onEvent }: { store?: unknown; onEvent?: unknown } = options as object
  checkStore(store)
  checkListener(onEvent)
  return Object.freeze({
    secrets: readSecrets(options.secret ?? env.LIMPET_SECRET, production),
    cookie: readCookie(options.cookie ?? {}),
    limits: Object.freeze({ idle, absolute, renewAfter: idle / 20, keepAliveAfter: idle / 10 }),
    redisUrl: env.REDIS_URL === '' ? undefined : env.REDIS_URL,
    backendId: readBackendId(options.backend),
    cacheable: oneOf(options.cacheable, ['skip', 'private', 'emit'], 'cacheable') ?? 'skip',
    storeTimeout: readDuration(options.storeTimeout ?? '1s', 'storeTimeout', 1),
    strict: oneOf(options.consistency, ['token', 'strict'], 'consistency') === 'strict',
    maxSessionBytes: readBytes(options.maxSessionBytes),
    production,
  })
}

function refuseNonOptions(options: unknown): asserts options is PlainOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrong(`sticky() takes an object of options, like sticky({ idleTimeout: '1h' }); got ${describe(options)}`)
  }
  if ('headers' in options && 'method' in options) throw uncalled()
}

/** For `app.use(sticky)`, which hands the request to sticky as if it were options. */
export function uncalled(): LimpetError {
  return wrong('sticky is not middleware itself, it makes it: write app.use(sticky()), with the call')
}

function readSecrets(secret: unknown, production: boolean): readonly string[] {
  if (secret === undefined || secret === '') {
    if (!production) return []
    throw new LimpetError(
      'ERR_LIMPET_SECRET',
      'a secret is needed in production: set LIMPET_SECRET to at least 32 random bytes, the same on every backend ' +
        '(for example from "openssl rand -base64 32"), or pass sticky({ secret })',
    )
  }
  const list: readonly unknown[] = Array.isArray(secret) ? secret : [secret]
  if (list.length === 0) throw wrong('secret is an empty list: put at least one secret in it; the first signs')
  for (const one of list) {
    if (typeof one !== 'string') {
      throw wrong(`secret must be a string or a list of strings; got ${describe(one)}`)
    }
    const bytes = Buffer.byteLength(one)
    if (bytes < 32) {
      throw new LimpetError(
        'ERR_LIMPET_SECRET',
        `a secret needs at least 32 bytes and this one has ${bytes}: make one with "openssl rand -base64 32"`,
      )
    }
  }
  return list as readonly string[]
}

function readBackendId(backend: unknown): string | undefined {
  if (backend === undefined) return undefined
  if (typeof backend !== 'object' || backend === null) {
    throw wrong(`backend must be an object, like { id: 'web1' }; got ${describe(backend)}`)
  }
  refuseUnknown(backend, ['id'], 'backend option')
  const { id } = backend as { id?: unknown }
  if (id === undefined) return undefined
  if (typeof id !== 'string' || !BACKEND_ID.test(id)) {
    throw wrong(`backend.id must be 1 to 64 letters, digits, "-" or "_", like 'web1'; got ${describe(id)}`)
  }
  if (/\d{1,3}([-_])\d{1,3}\1\d{1,3}\1\d{1,3}/.test(id)) {
    throw wrong(
      `backend.id looks like an address ('${id}') and clients can read it in their cookie: use a name, like 'web1'`,
    )
  }
  return id
}

function checkStore(store: unknown): void {
  if (store === undefined) return
  const isStore = typeof store === 'object' && store !== null && 'read' in store && 'write' in store
  if (!isStore) {
    throw wrong(
      `store must be memoryStore() or redisStore(client) from 'limpet/redis'; got ${describe(store)}` +
        (typeof store === 'function' ? ': did you forget to call it?' : ''),
    )
  }
}

function readBytes(value: unknown): number {
  if (value === undefined) return 65_536
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw wrong(`maxSessionBytes must be a whole number of bytes, like 65536; got ${describe(value)}`)
  }
  return value
}

function checkListener(value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw wrong(`onEvent must be a function of one event; got ${describe(value)}`)
  }
}

function oneOf<T extends string>(value: T | undefined, allowed: readonly T[], name: string): T | undefined {
  if (value === undefined || allowed.includes(value)) return value
  throw wrong(`${name} must be ${allowed.map((word) => `'${word}'`).join(' or ')}; got ${describe(value)}`)
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
