import { honoMiddleware, type StickyMiddleware } from './adapters/fetch/hono.ts'
import type { StickyOptions } from './config/sticky-options.ts'
import { createSticky } from './create-sticky.ts'

/**
 * `sticky()` for Hono 4: the session is at `c.get('sticky')` and `c.var.sticky`. Options, errors and meaning are those
 * of `limpet`. On `@hono/node-server` every response carries the cookie; elsewhere every one that passes this
 * middleware.
 *
 * @example
 * ```ts
 * const app = new Hono()
 * app.use(sticky()) // LIMPET_SECRET and REDIS_URL from the environment
 * app.get('/', async (c) => {
 *   const { session } = c.get('sticky')
 *   return c.json(await session.update('visits', (n) => Number(n ?? 0) + 1))
 * })
 * serve(app)
 * ```
 *
 * @param options Everything is optional.
 * @returns The middleware, which is also a handle: `await handle.close()` ends what it started.
 * @throws `ERR_LIMPET_OPTIONS`, `ERR_LIMPET_SECRET` or `ERR_LIMPET_CLIENT` when something is configured wrongly.
 */
function sticky<CookieName extends string = string>(options: StickyOptions<CookieName> = {}): StickyMiddleware {
  const { exchange, handle } = createSticky(options as StickyOptions)
  return honoMiddleware(exchange, handle)
}

export type { StickyMiddleware } from './adapters/fetch/hono.ts'
export type { CookieOptions } from './config/plain-options.ts'
export type { StickyOptions } from './config/sticky-options.ts'
export type { DestroyAllOptions, LabelledSession } from './ports/exchange.ts'
export type { Session, SessionData, SessionKey, SessionValue, Sticky } from './ports/sticky.ts'
export { sticky }
