import { describe } from '../../config/duration.ts'
import type { StickyOptions } from '../../config/sticky-options.ts'
import { checkKeys } from '../../config/unknown-keys.ts'
import { LimpetError } from '../../core/errors.ts'
import type { Store } from '../../ports/store.ts'
import { readConflict, type Settle } from '../conflict.ts'
import { stickyCookie } from '../cookie-options.ts'
import { foreignStore, isForeign } from '../foreign-store.ts'
import { MORE } from '../options.ts'
import { secretsOf } from './app-keys.ts'
import { type KoaMigrate, readKoaMigrate } from './migrate.ts'
import { notes, refuse } from './no-meaning.ts'
import type { KoaRules, SessionSettings } from './rules.ts'
import { KOA_FORM, type KoaStore, likeExpress } from './stores.ts'

/** Of session()'s options, what is not for sticky(). */
export interface KoaSettings extends Omit<KoaRules, 'emit'> {
  readonly sticky: StickyOptions
  readonly settle: Settle
  readonly migrate: KoaMigrate | undefined
  /** False: `app.keys` may still come, too late. */
  readonly hasSecret: boolean
  /** What is done otherwise here, to be said once. */
  readonly notes: readonly string[]
}

const FLAGS = ['autoCommit', 'overwrite', 'httpOnly', 'signed', 'rolling', 'renew', 'secure', 'partitioned']
const THEIRS = [
  ...FLAGS,
  ...['key', 'maxAge', 'maxage', 'sameSite', 'domain', 'path', 'priority', 'expires', 'store', 'valid', 'beforeSave'],
  ...['genid', 'prefix', 'encode', 'decode', 'externalKey', 'ContextStore'],
]
const SAME_SITE: readonly unknown[] = [true, false, 'lax', 'strict', 'none']
/** A session lives for at least a second. */
const LEAST = 1000

/** Throws `ERR_LIMPET_OPTIONS` and `ERR_LIMPET_SECRET`. Other secrets than `app.keys` are left to sticky(). */
export function readKoaOptions(options: Record<string, unknown>, app: { readonly keys?: unknown }): KoaSettings {
  checkKeys(options, [...THEIRS, ...MORE, 'secret', 'keys', 'firstCookie'], {
    what: 'option',
    name: 'the options of session()',
    example: "session({ key: 'koa.sess', maxAge: 86_400_000 }, app)",
  })
  const theirs = Object.fromEntries(THEIRS.map((name) => [name, options[name] ?? undefined]))
  const more = Object.fromEntries(Object.entries(options).filter(([name]) => !THEIRS.includes(name)))
  const { conflict, migrate: taken, keys, secret: given, ...forSticky } = more
  refuse(theirs)
  for (const name of FLAGS) checkType(name, theirs[name], 'boolean', 'true or false')
  for (const name of ['valid', 'beforeSave']) checkType(name, theirs[name], 'function', 'a function')
  const maxAge = readMaxAge(theirs.maxAge ?? theirs.maxage)
  const sameSite = readSameSite(theirs.sameSite)
  const migrate = readKoaMigrate(taken)
  const store = readStore(theirs.store, maxAge)
  const secret = given ?? keys ?? secretsOf(app.keys)
  const name = readName(theirs.key, migrate?.name)
  const { domain, path = '/', httpOnly = true, secure, partitioned, priority } = theirs
  const looks = { path, domain, httpOnly, secure: secure ?? 'auto', ...(typeof maxAge === 'number' && { maxAge }) }
  return {
    sticky: {
      ...forSticky,
      ...(secret !== undefined && { secret: secret as string | string[] }),
      ...(store && { store }),
      ...(typeof maxAge === 'number' && forSticky.idleTimeout === undefined && { idleTimeout: maxAge }),
      cookie: stickyCookie(name, { fixed: looks }, undefined),
      firstCookie: (forSticky.firstCookie as 'always' | undefined) ?? 'on-write',
    },
    settle: readConflict(conflict),
    migrate: migrate?.bring,
    hasSecret: secret !== undefined,
    notes: notes(theirs, maxAge),
    options: settingsOf(theirs, { key: name, maxAge, sameSite, path, domain, httpOnly, secure, partitioned, priority }),
    autoCommit: theirs.autoCommit !== false,
    valid: theirs.valid as KoaSettings['valid'],
    beforeSave: theirs.beforeSave as KoaSettings['beforeSave'],
  }
}

/** `ctx.sessionOptions`, with the defaults that koa-session has. */
function settingsOf(theirs: Record<string, unknown>, read: SessionSettings): SessionSettings {
  const { autoCommit = true, overwrite = true, signed = true, rolling = false, renew = false } = theirs
  const settings = { ...read, autoCommit, overwrite, signed, rolling, renew, store: theirs.store }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

function readMaxAge(maxAge: unknown): number | 'session' | undefined {
  if (maxAge === undefined || maxAge === 'session') return maxAge
  if (typeof maxAge === 'number' && Number.isFinite(maxAge) && maxAge >= LEAST) return maxAge
  throw wrong(`maxAge must be milliseconds, at least ${LEAST}, or 'session'; got ${describe(maxAge)}`)
}

function readSameSite(sameSite: unknown): unknown {
  const known = typeof sameSite === 'string' ? sameSite.toLowerCase() : sameSite
  if (known === undefined || SAME_SITE.includes(known)) return known
  throw wrong(`sameSite must be 'lax', 'strict', 'none', true or false; got ${describe(sameSite)}`)
}

function readStore(store: unknown, maxAge: unknown): Store | undefined {
  if (store === undefined) return undefined
  if (isForeign(store)) return foreignStore(likeExpress(store as KoaStore, maxAge), KOA_FORM)
  return store as Store
}

/** Old backends and new ones keep their cookies apart while both are running. */
function readName(key: unknown, migrated: string | undefined): string {
  if (key === undefined) return migrated === undefined ? 'koa.sess' : 'limpet'
  if (key !== migrated) return key as string
  throw wrong(
    `while sessions are taken over, both cookies are needed, and two have no room under one name: leave key out (it is 'limpet' then), or choose another one than ${describe(key)}`,
  )
}

function checkType(name: string, value: unknown, type: string, words: string): void {
  if (value !== undefined && typeof value !== type) throw wrong(`${name} must be ${words}; got ${describe(value)}`)
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
