import { koaMiddleware, type StickyMiddleware } from './adapters/node/koa.ts'
import type { StickyOptions } from './config/sticky-options.ts'
import { createSticky } from './create-sticky.ts'

/**
 * `sticky()` for Koa 2 and 3: the session is at `ctx.sticky`. Options, errors and meaning are those of `limpet`.
 *
 * @example
 * ```ts
 * const app = new Koa()
 * app.use(sticky()) // LIMPET_SECRET and REDIS_URL from the environment
 * app.use(async (ctx) => {
 *   const { session } = ctx.sticky
 *   ctx.body = await session.update('visits', (n) => Number(n ?? 0) + 1)
 * })
 * ```
 *
 * @param options Everything is optional.
 * @returns The middleware, which is also a handle: `await handle.close()` ends what it started.
 */
function sticky<CookieName extends string = string>(options: StickyOptions<CookieName> = {}): StickyMiddleware {
  const { exchange, handle } = createSticky(options as StickyOptions)
  return koaMiddleware(exchange, handle)
}

export type { StickyMiddleware } from './adapters/node/koa.ts'
export type { CookieOptions } from './config/plain-options.ts'
export type { StickyOptions } from './config/sticky-options.ts'
export type { DestroyAllOptions, LabelledSession } from './ports/exchange.ts'
export type { Session, SessionData, SessionKey, SessionValue, Sticky } from './ports/sticky.ts'
export { sticky }
