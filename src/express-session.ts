import type { SessionOptions as Theirs } from 'express-session'
import { createSticky } from './create-sticky.ts'
import { MemoryStore, Store } from './drop-in/base-store.ts'
import { Cookie } from './drop-in/cookie.ts'
import type { ForeignStore } from './drop-in/foreign-records.ts'
import { type SessionMiddleware, sessionMiddleware } from './drop-in/middleware.ts'
import { type MoreOptions, readSessionOptions } from './drop-in/options.ts'
import { Session } from './drop-in/session.ts'
import type { Store as LimpetStore } from './ports/store.ts'

/** express-session's options but for `genid`, and what limpet has beside them. */
export interface SessionOptions extends Omit<Theirs, 'secret' | 'store' | 'genid'>, MoreOptions {
  /**
   * Signs the cookie: at least 32 bytes, the same on every backend. In a list the first signs and all verify. Default:
   * `LIMPET_SECRET`.
   */
  secret?: string | string[] | undefined
  /**
   * A store of limpet, or one that was written for express-session: that one has no compare-and-set and tells of no
   * changes, see docs/express-session.md. Default: Redis at `REDIS_URL`, else memory.
   */
  store?: LimpetStore | ForeignStore | undefined
}

function createSession(options: SessionOptions = {}): SessionMiddleware {
  const settings = readSessionOptions(options)
  const { exchange, handle } = createSticky(settings.sticky)
  return sessionMiddleware(exchange, handle, settings)
}

/** What `session` is beside a function: stores for express-session are made with it, like `connectPgSimple(session)`. */
const PARTS = { Store: Store as unknown as typeof import('express-session').Store, MemoryStore, Session, Cookie }

/**
 * express-session with one import changed: `req.session` as a plain object, saved before the response leaves, over
 * sessions that lose no update and that no slow request brings back. Types are those of `@types/express-session`.
 *
 * @example
 * ```ts
 * import session from 'limpet/express-session'
 *
 * app.use(session({ secret, resave: false, saveUninitialized: false }))
 * ```
 *
 * @param options Those of express-session; what has no meaning here is refused, or said once.
 * @returns The middleware, which is also a handle: `await handle.close()` ends what it started.
 * @throws `ERR_LIMPET_OPTIONS`, `ERR_LIMPET_SECRET` or `ERR_LIMPET_CLIENT` when something is configured wrongly.
 */
const session: typeof createSession & typeof PARTS = Object.assign(createSession, PARTS)

export type { SessionData } from 'express-session'
export type { ConflictOption, ConflictPolicy, Resolve } from './drop-in/conflict.ts'
export type { SessionMiddleware } from './drop-in/middleware.ts'
export type { MigrateOptions } from './drop-in/migrate.ts'
export { Cookie, MemoryStore, Session, Store, session as default }
