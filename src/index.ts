import { expressMiddleware, type StickyMiddleware } from './adapters/express.ts'
import { refuseAt, wrongEntry } from './adapters/wrong-entry.ts'
import { start } from './compose/start.ts'
import { uncalled } from './core/options.ts'
import type { StickyOptions } from './ports/options.ts'

/**
 * Session persistence that lives in the application: `app.use(sticky())`.
 *
 * For Express 4 and 5, Connect and plain `node:http`; `limpet/koa` has the same for Koa. Throws `ERR_LIMPET_OPTIONS`, `ERR_LIMPET_SECRET` or
 * `ERR_LIMPET_CLIENT` when something is configured wrongly.
 */
function sticky<CookieName extends string = string>(options: StickyOptions<CookieName> = {}): StickyMiddleware {
  const { engine, handle } = start(options as StickyOptions)
  return expressMiddleware(engine, handle)
}

refuseAt(sticky, 'handle', uncalled)
refuseAt(sticky, '_name', () => wrongEntry('limpet/koa'))

export type { StickyMiddleware } from './adapters/express.ts'
export type { StartReason } from './core/decide.ts'
export type { Duration } from './core/duration.ts'
export { type ErrorCode, LimpetError, StoreError } from './core/errors.ts'
export type { CookieOptions } from './core/plain-options.ts'
export type { LimpetEvent, WarningCode } from './ports/events.ts'
export type { StickyOptions } from './ports/options.ts'
export type { Session, SessionData, SessionKey, SessionValue, Sticky } from './ports/sticky.ts'
export type * from './ports/store.ts'
export { type MemoryStoreOptions, memoryStore } from './stores/memory/memory-store.ts'
export { sticky }
