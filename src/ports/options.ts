import type { PlainOptions } from '../core/plain-options.ts'
import type { LimpetEvent } from './events.ts'
import type { Store } from './store.ts'

/** What `sticky(options)` takes. Everything is optional. */
export interface StickyOptions<CookieName extends string = string> extends PlainOptions<CookieName> {
  /** Where session data lives. Default: Redis at `REDIS_URL`, else `memoryStore()`. */
  store?: Store | undefined
  /** Hears of warnings, lost writes and store failures. Default: warnings go to `process.emitWarning`. */
  onEvent?: ((event: LimpetEvent) => void) | undefined
}
