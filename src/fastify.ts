import { fastifyPlugin, type StickyPlugin } from './adapters/node/fastify.ts'
import type { StickyOptions } from './config/sticky-options.ts'
import { createSticky } from './create-sticky.ts'

/**
 * `sticky()` for Fastify 4 and 5: the session is at `request.sticky`. Options, errors and meaning are those of
 * `limpet`.
 *
 * @example
 * ```ts
 * const app = Fastify()
 * await app.register(sticky()) // LIMPET_SECRET and REDIS_URL from the environment
 * app.get('/', async (request) => {
 *   const { session } = request.sticky
 *   return { visits: await session.update('visits', (n) => Number(n ?? 0) + 1) }
 * })
 * ```
 *
 * @param options Everything is optional.
 * @returns The plugin, which is also a handle. `app.close()` ends what it started; `await handle.close()` does so
 * without an application.
 * @throws `ERR_LIMPET_OPTIONS`, `ERR_LIMPET_SECRET` or `ERR_LIMPET_CLIENT` when something is configured wrongly.
 */
function sticky<CookieName extends string = string>(options: StickyOptions<CookieName> = {}): StickyPlugin {
  const { exchange, handle } = createSticky(options as StickyOptions)
  return fastifyPlugin(exchange, handle)
}

export type { PluggableInstance, StickyPlugin } from './adapters/node/fastify.ts'
export type { CookieOptions } from './config/plain-options.ts'
export type { StickyOptions } from './config/sticky-options.ts'
export type { DestroyAllOptions, LabelledSession } from './ports/exchange.ts'
export type { Session, SessionData, SessionKey, SessionValue, Sticky } from './ports/sticky.ts'
export { sticky }
