import type { LimpetEvent } from '../ports/events.ts'
import type { Skip } from '../ports/exchange.ts'
import type { Hop } from '../ports/misdirected.ts'
import type { Store } from '../ports/store.ts'
import type { PlainOptions } from './plain-options.ts'

/** What `sticky(options)` takes. Everything is optional. */
export interface StickyOptions<CookieName extends string = string> extends PlainOptions<CookieName> {
  /** Where session data lives. Default: Redis at `REDIS_URL`, else `memoryStore()`. */
  store?: Store | undefined
  /**
   * Requests that are none of limpet's (health checks, assets, other people's paths): true, and they get no cookie, no
   * session, and no `req.sticky`. `skip: ({ url }) => url === '/healthz'`
   */
  skip?: Skip | undefined
  /**
   * What passes requests on, with `misdirected: 'forward'`: `undiciHop` from `limpet/undici`, which takes about
   * two thirds of the CPU time. Default: `node:http`, which also takes what that cannot.
   */
  hop?: (() => Hop) | undefined
  /** Hears of warnings, lost writes and store failures. Default: warnings go to `process.emitWarning`. */
  onEvent?: ((event: LimpetEvent) => void) | undefined
}
