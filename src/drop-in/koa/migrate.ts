import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { describe } from '../../config/duration.ts'
import { checkKeys } from '../../config/unknown-keys.ts'
import { cookieValues } from '../../core/cookie.ts'
import { LimpetError, StoreError } from '../../core/errors.ts'
import type { Now } from '../ledger.ts'
import type { Brought } from '../migrate.ts'
import { pictureOf } from '../picture.ts'
import { ageOf, LOOKS, looksOf } from './looks.ts'
import { isPrivate, isShown } from './session.ts'
import type { KoaStore } from './stores.ts'

/** The sessions of koa-session that run now, so that a deploy logs nobody out. */
export interface KoaMigrateOptions {
  /** Of its cookie. Default `'koa.sess'`. */
  key?: string | undefined
  /** What its cookie is signed with: `app.keys`. */
  keys: readonly string[]
  /** Its store. Without one its cookie holds the data. Nothing is written there; a logout or login deletes the record. */
  store?: KoaStore | undefined
  /** As it was given to koa-session, where the cookie holds the data. Default: JSON in base64. */
  decode?: ((text: string) => object) | undefined
}

/** The part of Koa's context that is used here. */
export interface MigrateContext {
  readonly req: { readonly headers: { readonly cookie?: string | undefined } }
  readonly headerSent: boolean
  readonly cookies: { set(name: string, value: null, options: object): unknown }
}

export type KoaMigrate = (ctx: MigrateContext) => Brought | undefined

type Stored = Record<string, unknown>

/** Throws `ERR_LIMPET_OPTIONS`. */
export function readKoaMigrate(option: unknown): { readonly name: string; readonly bring: KoaMigrate } | undefined {
  if (option === undefined) return undefined
  checkKeys(option, ['key', 'keys', 'store', 'decode'], {
    what: 'option of migrate',
    name: 'migrate',
    example: "{ key: 'koa.sess', keys: oldKeys, store: the store of koa-session, if it has one }",
  })
  const { key = 'koa.sess', keys, store, decode = decoded } = option as KoaMigrateOptions
  if (typeof key !== 'string' || key === '') {
    throw wrong(`migrate.key must be the name of koa-session's cookie, like 'koa.sess'; got ${describe(key)}`)
  }
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every((one) => typeof one === 'string' && one !== '')) {
    throw wrong('migrate.keys must be the list of keys that koa-session signs its cookie with (app.keys there)')
  }
  if (store !== undefined && typeof Object(store).get !== 'function') {
    throw wrong('migrate.store must be the store that koa-session has, or be left out where its cookie holds the data')
  }
  const bring = (ctx: MigrateContext): Brought | undefined => {
    const header = ctx.req.headers.cookie
    const signatures = cookieValues(header, `${key}.sig`)
    const value = cookieValues(header, key).find((one) => isSigned(`${key}=${one}`, signatures, keys))
    if (value === undefined) return undefined
    return {
      id: createHash('sha256').update(`limpet takes over ${value}`).digest().subarray(0, 18).toString('base64url'),
      read: async () =>
        living(store ? await asked(() => store.get(value, undefined, { rolling: false, ctx })) : decode(value)),
      async end() {
        // The client's copy, which old backends would believe.
        if (!ctx.headerSent) for (const name of [key, `${key}.sig`]) ctx.cookies.set(name, null, { signed: false })
        if (store) await asked(() => store.destroy(value, { ctx }))
      },
    }
  }
  return { name: key, bring }
}

/** What koa-session writes into its records where no `maxAge` is configured. */
const A_DAY = 86_400_000

/** What a record of koa-session holds. `configured`: the `maxAge` of all sessions here. */
export function koaRecord(record: Stored, configured: unknown): Now {
  const data = Object.fromEntries(Object.entries(record).filter(([key]) => !isPrivate(key) && isShown(key)))
  const age = record._session === true ? 'session' : (ageOf(record._maxAge) ?? configured)
  const looks = configured === undefined && age === A_DAY ? undefined : looksOf(age, configured)
  return { picture: pictureOf(data, LOOKS), looks }
}

/** Undefined: it has ended, or was never a session. */
function living(record: unknown): Stored | undefined {
  if (typeof record !== 'object' || record === null) return undefined
  const { _expire: end } = record as Stored
  return typeof end === 'number' && end < Date.now() ? undefined : (record as Stored)
}

/** As keygrip signs: HMAC-SHA1 of `name=value`. */
function isSigned(pair: string, signatures: readonly string[], keys: readonly string[]): boolean {
  const expected = keys.map((key) => createHmac('sha1', key).update(pair).digest())
  return signatures.some((one) => {
    const given = Buffer.from(one, 'base64url')
    return expected.some((right) => given.length === right.length && timingSafeEqual(given, right))
  })
}

function decoded(text: string): object {
  try {
    return Object(JSON.parse(Buffer.from(text, 'base64').toString()))
  } catch {
    return {}
  }
}

async function asked(ask: () => unknown): Promise<unknown> {
  try {
    return await ask()
  } catch (cause) {
    throw new StoreError('the store of koa-session failed', { applied: 'unknown', outage: true, cause })
  }
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
