import type { StartReason } from '../core/decide.ts'

/**
 * What limpet tells the application about itself: through the option `onEvent`, and on the channel `limpet:` + type of
 * `node:diagnostics_channel`. No event carries a secret, a session's value or an address.
 */
export type LimpetEvent =
  /**
   * Something is configured in a way that will hurt. Reported once per code, or at most once a minute where the message
   * says so.
   */
  | { readonly type: 'warning'; readonly code: WarningCode; readonly message: string }
  /** A session begins, and why the client could not go on with the one that it had. */
  | { readonly type: 'session-begin'; readonly id: string; readonly reason: StartReason }
  /** The store had lost acknowledged writes of a session: it was `lost` versions behind what the client had seen. */
  | { readonly type: 'behind'; readonly id: string; readonly seen: number; readonly lost: number }
  /** A store call failed, or was not made because the store had just failed several times. */
  | { readonly type: 'store-failed'; readonly operation: StoreOperation | 'announce'; readonly error: Error }
  /** Calls of this kind are held back for a moment (`open`), or sent again (`closed`). */
  | { readonly type: 'store-breaker'; readonly state: 'open' | 'closed'; readonly operations: 'reads' | 'writes' }
  /** A request of another backend's session was passed on to it. `to`: its id. `ms`: how long that took, to the end. */
  | {
      readonly type: 'forward'
      readonly to: string
      readonly outcome: 'answered' | 'unreachable' | 'broken' | 'aborted'
      readonly status: number | undefined
      readonly ms: number
    }
  /** The owner of a session is gone, and this backend has become the owner. `from`: the id of the one that is gone. */
  | { readonly type: 'adopt'; readonly id: string; readonly from: string }
  /**
   * A request said that a peer had passed it on, and none had, or not now, or not to this backend. It was answered like
   * any other.
   */
  | { readonly type: 'hop-rejected'; readonly reason: 'bad-signature' | 'not-for-us' | 'out-of-time' | 'replayed' }
  /** Another backend was first heard of, or again, or for too long not any more. */
  | { readonly type: 'backend'; readonly state: 'up' | 'down'; readonly id: string }
  /**
   * Two requests changed the same of one session (`limpet/express-session`), and the later one has won. `paths`: what
   * that was, like `cart.note`; no values.
   */
  | { readonly type: 'conflict'; readonly id: string; readonly paths: readonly string[] }
  /** Local copies can be used (`up`: the store tells what changes) or have to be confirmed by the store (`down`). */
  | { readonly type: 'invalidation'; readonly state: 'up' | 'down' }

export type WarningCode =
  | 'random-secret'
  | 'memory-store'
  | 'insecure-cookie'
  | 'untrusted-proxy'
  | 'mounted-twice'
  | 'skip-failed'
  | 'relayed-cookie'
  | 'cacheable-session'
  | 'client-settings'
  | 'no-client'
  | 'no-invalidation'
  | 'invalidation-retries'
  | 'clock-skew'
  | 'foreign-secret'
  | 'same-url'
  | 'not-attached'
  | 'misdirected-failed'
  | 'no-meaning'

export type StoreOperation = 'read' | 'write' | 'destroy' | 'move' | 'touch' | 'label' | 'labelled'

/** Where events go. */
export interface Events {
  emit(event: LimpetEvent): void
  /** False: nobody listens to this type, so the event need not be made. */
  hears(type: LimpetEvent['type']): boolean
  /** Prints one line for each decision; undefined: nobody asked for it (NODE_DEBUG=limpet). */
  readonly trace: ((line: string) => void) | undefined
}
