import { expressMiddleware, type StickyMiddleware } from './adapters/node/express.ts'
import type { StickyOptions } from './config/sticky-options.ts'
import { createSticky } from './create-sticky.ts'

/**
 * Session persistence that lives in the application: middleware for Express 4 and 5, Connect and plain `node:http`
 * (`limpet/koa` has the same for Koa). Mount it in front of whatever may answer; the session is at `req.sticky`.
 *
 * @example
 * ```ts
 * const app = express()
 * app.use(sticky()) // LIMPET_SECRET and REDIS_URL from the environment
 * app.get('/', async (req, res) => {
 *   const { session } = req.sticky
 *   res.json(await session.update('visits', (n) => Number(n ?? 0) + 1))
 * })
 * ```
 *
 * @param options Everything is optional.
 * @returns The middleware, which is also a handle: `await handle.close()` ends what it started.
 * @throws `ERR_LIMPET_OPTIONS`, `ERR_LIMPET_SECRET` or `ERR_LIMPET_CLIENT` when something is configured wrongly.
 */
function sticky<CookieName extends string = string>(options: StickyOptions<CookieName> = {}): StickyMiddleware {
  const { exchange, handle } = createSticky(options as StickyOptions)
  return expressMiddleware(exchange, handle)
}

export type { AttachableServer } from './adapters/node/attach.ts'
export type { StickyMiddleware } from './adapters/node/express.ts'
export type { Duration } from './config/duration.ts'
export type { CookieOptions } from './config/plain-options.ts'
export type { StickyOptions } from './config/sticky-options.ts'
export type { StartReason } from './core/decide.ts'
export { type ErrorCode, LimpetError, StoreError } from './core/errors.ts'
export { type MemoryStoreOptions, memoryStore } from './memory/memory-store.ts'
export type { LimpetEvent, WarningCode } from './ports/events.ts'
export type { DestroyAllOptions, LabelledSession, SkippableRequest } from './ports/exchange.ts'
export type { Session, SessionData, SessionKey, SessionValue, Sticky } from './ports/sticky.ts'
export type * from './ports/store.ts'
export { MOVE_WINDOW } from './ports/store.ts'
export { sticky }
