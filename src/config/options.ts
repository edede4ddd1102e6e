import type { CookieAttributes } from '../core/cookie.ts'
import { LimpetError } from '../core/errors.ts'
import type { Limits } from '../core/lifetime.ts'
import { readBackendId } from './backend-id.ts'
import { readBackendUrl } from './backend-url.ts'
import { readCookie } from './cookie-options.ts'
import { describe, readDuration, SESSION_BOUNDS, TIMER_BOUNDS } from './duration.ts'
import { type Hint, readHint } from './hint.ts'
import { readNamespace } from './namespace.ts'
import { OTHER_OPTIONS } from './other-words.ts'
import type { PlainOptions } from './plain-options.ts'
import { type Routing, readRouting } from './routing.ts'
import { checkKeys } from './unknown-keys.ts'
import { readUpstreams } from './upstreams.ts'

/**
 * The options as the request path uses them: complete, checked, frozen. Nothing in it is secret, so it may be printed.
 */
export interface Config {
  readonly cookie: CookieAttributes
  /** Keys are made for it: a token that was signed in another one is worth nothing here. */
  readonly namespace: string
  /**
   * Ids of backends whose token may take the place of ours when the application relays it; `*` at the end stands for
   * anything.
   */
  readonly upstreams: readonly string[]
  readonly limits: Limits
  readonly backendId: string | undefined
  /** Undefined: every request is served where it lands. */
  readonly routing: Routing | undefined
  /** What tells a load balancer of the owner; undefined: nothing does. */
  readonly hint: Hint | undefined
  /** True: a session that has stored nothing gets no cookie. */
  readonly cookieOnWrite: boolean
  readonly cacheable: 'skip' | 'private' | 'emit'
  /** Milliseconds. */
  readonly storeTimeout: number
  readonly strict: boolean
  readonly maxSessionBytes: number
  readonly production: boolean
  /** Responses say what was done. */
  readonly debug: boolean
}

/** What the options say. What is secret stands beside the config: the start uses it up, and nobody keeps it. */
export interface Settings {
  readonly config: Config
  /** The first signs, all verify. Empty: none was given, and this is not production. */
  readonly secrets: readonly string[]
  /** It may hold a password. */
  readonly redisUrl: string | undefined
  /** Where peers reach this backend, an address; undefined: nowhere. */
  readonly backendUrl: string | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

const KNOWN = [
  'secret',
  'cookie',
  'namespace',
  'upstreams',
  'firstCookie',
  'skip',
  'idleTimeout',
  'absoluteTimeout',
  'store',
  'backend',
  'misdirected',
  'carriers',
  'hint',
  'cacheable',
  'storeTimeout',
  'consistency',
  'maxSessionBytes',
  'onEvent',
  'hop',
  'debug',
]

/**
 * Turns options and environment into a frozen config and the secrets. Throws `ERR_LIMPET_OPTIONS` or
 * `ERR_LIMPET_SECRET`, saying what to write instead.
 */
export function readOptions(options: PlainOptions, env: Environment): Settings {
  checkCalled(options)
  checkKeys(options, KNOWN, {
    what: 'option',
    name: 'the options of sticky()',
    example: "sticky({ idleTimeout: '1h' })",
    others: OTHER_OPTIONS,
  })
  const production = env.NODE_ENV === 'production'
  const { store, onEvent, skip, hop } = options as Readonly<Record<string, unknown>>
  checkStore(store)
  checkListener(onEvent)
  checkSkip(skip)
  checkHop(hop, options.misdirected)
  const cookie = readCookie(options.cookie ?? {})
  const config: Config = Object.freeze({
    cookie,
    namespace: readNamespace(options.namespace) ?? cookie.name,
    upstreams: readUpstreams(options.upstreams),
    limits: readLimits(options),
    backendId: readBackendId(options.backend),
    routing: readRouting(options.misdirected, options.carriers),
    hint: readHint(options.hint, cookie),
    cookieOnWrite: oneOf(options.firstCookie, ['always', 'on-write'], 'firstCookie') === 'on-write',
    cacheable: oneOf(options.cacheable, ['skip', 'private', 'emit'], 'cacheable') ?? 'skip',
    storeTimeout: readDuration(options.storeTimeout ?? '1s', 'storeTimeout', TIMER_BOUNDS),
    strict: oneOf(options.consistency, ['token', 'strict'], 'consistency') === 'strict',
    maxSessionBytes: readBytes(options.maxSessionBytes),
    production,
    debug: oneOf(options.debug, [true, false], 'debug') === true,
  })
  return {
    config,
    secrets: readSecrets(options.secret ?? env.LIMPET_SECRET, production),
    redisUrl: env.REDIS_URL === '' ? undefined : env.REDIS_URL,
    backendUrl: readUrl(config, options),
  }
}

/** No session can be idle for longer than it may live. */
function readLimits({ idleTimeout, absoluteTimeout }: PlainOptions): Limits {
  const read = (value: unknown, name: string) => readDuration(value, name, SESSION_BOUNDS)
  const idle = read(idleTimeout ?? '24h', 'idleTimeout')
  if (absoluteTimeout === undefined) return Object.freeze({ idle, absolute: undefined })
  const absolute = read(absoluteTimeout, 'absoluteTimeout')
  if (idleTimeout !== undefined && absolute < idle) {
    throw wrong(
      `absoluteTimeout (${absolute} ms) is shorter than idleTimeout (${idle} ms), so no session would ever end for being idle: ` +
        'make idleTimeout the shorter one, or leave it out',
    )
  }
  return Object.freeze({ idle: Math.min(idle, absolute), absolute })
}

/** For `app.use(sticky)` and `app.register(sticky)`, which hand it a request, a context or an instance as options. */
function checkCalled(options: unknown): void {
  if (typeof options !== 'object' || options === null) return
  if ('addHook' in options)
    throw wrong('sticky is not a plugin itself, it makes one: write app.register(sticky()), with the call')
  if (('headers' in options && 'method' in options) || 'req' in options)
    throw wrong('sticky is not middleware itself, it makes it: write app.use(sticky()), with the call')
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

function readUrl({ routing }: Config, { backend, misdirected }: PlainOptions): string | undefined {
  const url = readBackendUrl(backend?.url)
  if (url === undefined && misdirected === 'forward') {
    throw wrong(
      "misdirected: 'forward' needs backend: { url }, where other backends reach this one: 'http://10.0.0.3:3000', or 'unix' for workers on one host",
    )
  }
  if (url !== undefined && routing === undefined) {
    throw wrong(
      "backend.url is where other backends forward requests, and nothing does so far: add misdirected: 'forward'",
    )
  }
  return url
}

function checkStore(store: unknown): void {
  if (store === undefined) return
  const isStore = typeof store === 'object' && store !== null && 'read' in store && 'write' in store
  if (!isStore) {
    // Not printed if it is a string: it may be a URL with a password in it.
    const given = typeof store === 'string' ? 'a string (a URL belongs into REDIS_URL)' : describe(store)
    throw wrong(
      `store must be memoryStore() or redisStore(client) from 'limpet/redis'; got ${given}` +
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

function checkSkip(value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw wrong(`skip must be a function of the request, like ({ url }) => url === '/healthz'; got ${describe(value)}`)
  }
}

function checkHop(value: unknown, misdirected: unknown): void {
  if (value === undefined) return
  if (typeof value !== 'function') throw wrong(`hop must be undiciHop from 'limpet/undici'; got ${describe(value)}`)
  if (misdirected === undefined || misdirected === 'serve') {
    throw wrong("hop passes requests on, and nothing does so far: add misdirected: 'forward'")
  }
}

function oneOf<T extends string | boolean>(value: T | undefined, allowed: readonly T[], name: string): T | undefined {
  if (value === undefined || allowed.includes(value)) return value
  throw wrong(
    `${name} must be ${allowed.map((word) => (typeof word === 'string' ? `'${word}'` : word)).join(' or ')}; got ${describe(value)}`,
  )
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
