import { describe } from '../config/duration.ts'
import type { StickyOptions } from '../config/sticky-options.ts'
import { checkKeys } from '../config/unknown-keys.ts'
import { LimpetError } from '../core/errors.ts'
import type { Store } from '../ports/store.ts'
import { type ConflictOption, readConflict, type Settle } from './conflict.ts'
import { type CookieOption, readCookieOption, stickyCookie } from './cookie-options.ts'
import type { ForeignStore } from './foreign-records.ts'
import { foreignStore, isForeign } from './foreign-store.ts'
import { type Migrate, type MigrateOptions, readMigrate } from './migrate.ts'

/** What session() takes beside express-session's options: those of sticky() that they have no word for. */
export type MoreOptions = Omit<StickyOptions, 'secret' | 'cookie' | 'store' | 'firstCookie'> & {
  /** What becomes of a key that two requests change at once. Default `'merge'`. */
  conflict?: ConflictOption | undefined
  /** The sessions of express-session that run now go on as sessions of limpet. Default: none. */
  migrate?: MigrateOptions | undefined
}

/** express-session's options, as loosely as they may come. */
export interface GivenOptions extends MoreOptions {
  readonly secret?: unknown
  readonly name?: unknown
  readonly key?: unknown
  readonly store?: unknown
  readonly cookie?: unknown
  readonly genid?: unknown
  readonly rolling?: unknown
  readonly resave?: unknown
  readonly proxy?: unknown
  readonly saveUninitialized?: unknown
  readonly unset?: unknown
}

/** Of session()'s options, what is not for sticky(). */
export interface Settings {
  readonly sticky: StickyOptions
  readonly settle: Settle
  readonly cookie: { readonly fixed: object; readonly of: ((req: object) => object) | undefined }
  /** A store written for express-session, where sessions are kept. */
  readonly foreign: ForeignStore | undefined
  readonly migrate: Migrate | undefined
  readonly proxy: boolean | undefined
  readonly unsetDestroys: boolean
  /** What is done otherwise here, to be said once. */
  readonly notes: readonly string[]
}

const THEIRS = [
  ...['secret', 'name', 'key', 'store', 'cookie', 'genid', 'rolling', 'resave', 'proxy', 'saveUninitialized', 'unset'],
]
/** Those of sticky() that drop-ins pass on, and what they have of their own. */
export const MORE = [
  ...[
    'conflict',
    'migrate',
    'namespace',
    'upstreams',
    'skip',
    'idleTimeout',
    'absoluteTimeout',
    'backend',
    'misdirected',
  ],
  ...['carriers', 'cacheable', 'storeTimeout', 'consistency', 'maxSessionBytes', 'onEvent'],
]

/** The name that express-session gives its cookie. */
const USUAL_NAME = 'connect.sid'

/** Throws `ERR_LIMPET_OPTIONS`. The secret is left to sticky(), which says what is wrong with it. */
export function readSessionOptions(options: GivenOptions): Settings {
  checkKeys(options, [...THEIRS, ...MORE], {
    what: 'option',
    name: 'the options of session()',
    example: "session({ secret: 'at least 32 bytes' })",
    others: { firstCookie: "write saveUninitialized: false for 'on-write', and true for 'always'" },
  })
  const { secret, name, key, cookie, genid, proxy, rolling, resave, saveUninitialized, unset, ...rest } = options
  const { conflict, store, migrate: taken, ...more } = rest
  const migrate = readMigrate(taken)
  refuseGenid(genid)
  checkUnset(unset)
  for (const [word, value] of Object.entries({ rolling, resave, proxy, saveUninitialized })) checkFlag(word, value)
  const looks = readCookieOption(cookie as CookieOption | undefined)
  const { maxAge } = looks.fixed as { maxAge?: number | null }
  const foreign = isForeign(store) ? store : undefined
  const given = foreign ? foreignStore(foreign) : (store as Store | undefined)
  return {
    sticky: {
      ...more,
      ...(secret !== undefined && { secret: readSecret(secret) }),
      ...(given && { store: given }),
      ...(typeof maxAge === 'number' && more.idleTimeout === undefined && { idleTimeout: maxAge }),
      cookie: stickyCookie(readName(name ?? key, migrate?.name), looks, proxy),
      firstCookie: saveUninitialized === false ? 'on-write' : 'always',
    },
    settle: readConflict(conflict),
    cookie: looks,
    migrate: migrate?.bring,
    foreign,
    proxy: proxy as boolean | undefined,
    unsetDestroys: unset === 'destroy',
    notes: notes(resave, rolling, maxAge),
  }
}

/** express-session takes what node:crypto takes for a key, and a token is made of texts. */
function readSecret(secret: unknown): string | readonly string[] {
  const list: unknown[] = Array.isArray(secret) ? secret : [secret]
  const isNotText = list.some((one) => typeof one !== 'string')
  if (isNotText && secret !== '' && secret !== null) {
    throw wrong(
      "secret must be a string or a list of strings here: write buffer.toString('base64') for a Buffer; the first of a list signs",
    )
  }
  return secret as string | readonly string[]
}

/** Old backends and new ones keep their cookies apart while both are running. */
function readName(name: unknown, migrated: string | undefined): string {
  if (name === undefined || name === null || name === '') return migrated === undefined ? USUAL_NAME : 'limpet'
  if (name === migrated) {
    throw wrong(
      `while sessions are taken over, both cookies are needed, and two have no room under one name: leave name out (it is 'limpet' then), or choose another one than ${describe(migrated)}`,
    )
  }
  return name as string
}

function refuseGenid(genid: unknown): void {
  if (genid === undefined || genid === null) return
  throw wrong(
    "genid has no meaning here: ids are 144 random bits of limpet's own, which its tokens and stores are made for. Remove it; to find the " +
      "sessions of a user call req.sticky.label('user:42')",
  )
}

function checkUnset(unset: unknown): void {
  if (!unset || unset === 'destroy' || unset === 'keep') return
  throw wrong(`unset must be 'destroy' or 'keep'; got ${describe(unset)}`)
}

function checkFlag(name: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === 'boolean') return
  throw wrong(`${name} must be true or false; got ${describe(value)}`)
}

function notes(resave: unknown, rolling: unknown, maxAge: unknown): string[] {
  const found: string[] = []
  if (resave === true) {
    found.push(
      'resave: true has no meaning: a session that nobody changed is not written, for that would undo what others write; it is kept alive without. Write resave: false',
    )
  }
  if (rolling === false && typeof maxAge === 'number') {
    found.push(
      'rolling: false has no meaning: every response brings the cookie, so a session ends maxAge after its last request, whatever the requests were. ' +
        'Write absoluteTimeout for an end that no request moves',
    )
  }
  return found
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
