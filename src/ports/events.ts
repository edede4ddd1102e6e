/** What limpet tells the application about itself, through the option `onEvent`. */
export type LimpetEvent =
  /** Something is configured in a way that will hurt. Said once per code. */
  | { readonly type: 'warning'; readonly code: WarningCode; readonly message: string }
  /** The store had lost acknowledged writes of a session: it was `lost` versions behind what the client had seen. */
  | { readonly type: 'behind'; readonly id: string; readonly seen: number; readonly lost: number }
  /** A store call failed, or was not made because the store had just failed several times. */
  | { readonly type: 'store-failed'; readonly operation: StoreOperation; readonly error: Error }
  /** The store is left alone for a moment (`open`), or used again (`closed`). */
  | { readonly type: 'store-breaker'; readonly state: 'open' | 'closed' }
  /** Local copies can be used (`up`: the store tells what changes) or have to be confirmed by the store (`down`). */
  | { readonly type: 'invalidation'; readonly state: 'up' | 'down' }

export type WarningCode =
  | 'random-secret'
  | 'memory-store'
  | 'insecure-cookie'
  | 'untrusted-proxy'
  | 'mounted-twice'
  | 'cacheable-session'
  | 'client-settings'
  | 'no-invalidation'

export type StoreOperation = 'read' | 'write' | 'destroy' | 'move' | 'touch'
