import type Koa from 'koa'
import type { opts, stores } from 'koa-session'
import type { StickyMiddleware } from './adapters/node/koa.ts'
import { createSticky } from './create-sticky.ts'
import { koaSessionMiddleware, type SessionApp } from './drop-in/koa/middleware.ts'
import type { KoaMigrateOptions } from './drop-in/koa/migrate.ts'
import { readKoaOptions } from './drop-in/koa/options.ts'
import type { KoaStore } from './drop-in/koa/stores.ts'
import type { MoreOptions } from './drop-in/options.ts'
import type { Store as LimpetStore } from './ports/store.ts'

/** For Koa 2 and 3, and a handle beside that: `await handle.close()` ends what it started. */
export type SessionMiddleware = StickyMiddleware

/** What has no meaning here is refused, or said once. */
type Refused = 'genid' | 'prefix' | 'encode' | 'decode' | 'externalKey' | 'ContextStore' | 'expires'

/** koa-session's options, and what limpet has beside them. */
export interface SessionOptions extends Omit<Partial<opts>, 'store' | Refused>, Omit<MoreOptions, 'migrate'> {
  /**
   * Signs the cookie: at least 32 bytes, the same on every backend. In a list the first signs and all verify. Default:
   * `app.keys`, else `LIMPET_SECRET`.
   */
  secret?: string | readonly string[] | undefined
  /** Another word for `secret`. */
  keys?: readonly string[] | undefined
  /**
   * A store of limpet, or one that was written for koa-session: that one has no compare-and-set and tells of no
   * changes, see docs/koa-session.md. Default: Redis at `REDIS_URL`, else memory.
   */
  store?: LimpetStore | stores | KoaStore | undefined
  /** `'always'`: a cookie on the first response, too. Default `'on-write'`, as koa-session: where something is stored. */
  firstCookie?: 'always' | 'on-write' | undefined
  /** The sessions of koa-session that run now go on as sessions of limpet. Default: none. */
  migrate?: KoaMigrateOptions | undefined
}

type App = Koa | { readonly use: unknown; readonly context: object }

function createSession(options: SessionOptions, app: App): SessionMiddleware
function createSession(app: App, options?: SessionOptions): SessionMiddleware
function createSession(one: unknown, other?: unknown): SessionMiddleware {
  const [app, options] = isApp(one) ? [one, other] : [other, one]
  if (!isApp(app)) {
    throw new TypeError('session() needs the application, whose contexts it gives a session: session(options, app)')
  }
  const settings = readKoaOptions({ ...Object(options) }, app)
  const { exchange, handle } = createSticky(settings.sticky)
  return koaSessionMiddleware(exchange, handle, settings, app)
}

function isApp(given: unknown): given is SessionApp {
  const { use, context } = Object(given)
  return typeof use === 'function' && typeof context === 'object'
}

/**
 * koa-session with one import changed: `ctx.session` as a plain object, saved before the response leaves, over sessions
 * that lose no update and that no slow request brings back. Types are those of `@types/koa-session`.
 *
 * @example
 * ```ts
 * import session from 'limpet/koa-session'
 *
 * app.keys = [secret]
 * app.use(session({ maxAge: 86_400_000 }, app))
 * ```
 *
 * @throws `ERR_LIMPET_OPTIONS`, `ERR_LIMPET_SECRET` or `ERR_LIMPET_CLIENT` when something is configured wrongly.
 */
const session = createSession

export type { Session } from 'koa-session'
export type { ConflictOption, ConflictPolicy, Resolve } from './drop-in/conflict.ts'
export type { KoaMigrateOptions as MigrateOptions } from './drop-in/koa/migrate.ts'
export type { KoaStore } from './drop-in/koa/stores.ts'
export { createSession, session as default }
