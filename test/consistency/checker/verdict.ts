import type { Fault, Op } from '../history.ts'

export const kinds = [
  'read-your-writes',
  'monotonic-reads',
  'lost-write',
  'lost-update',
  'resurrected',
  'foreign',
  'failed-write-happened',
  'false-announcement',
  'session-lost',
  'refused-login',
  'lost-login',
  'lost-cart',
  'forked',
  'refused-logout',
  'survived-logout',
  'served-after-logout',
  'kept-cookie',
  'false-outage',
  'outlived',
  'starved',
] as const

export type ViolationKind = (typeof kinds)[number]

/**
 * Why a token could not help: the request's cookie did not know better. An older, overlapping response had set it last, or it was the
 * old cookie of a session that had just ended.
 */
export type Excuse =
  /** Only the store's word to the backends (invalidation) could have told: so many milliseconds after the newer operation's answer. */
  | { readonly kind: 'late'; readonly after: number }
  /** A fault that loses data took what this cookie had never heard of. */
  | { readonly kind: 'untold' }

/** What counts as an excuse. For a library whose cookie carries no version, and which keeps no copies, nothing does. */
export interface Terms {
  /** Milliseconds that the backends may take to hear of what no cookie can tell them. */
  readonly grace: number
}

export function isExcused(excuse: Excuse | undefined, terms: Terms | undefined): boolean {
  if (!excuse || !terms) return false
  return excuse.kind === 'untold' || excuse.after <= terms.grace
}

export interface Violation {
  readonly kind: ViolationKind
  readonly why: string
  readonly excuse: Excuse | undefined
  /** The operations that contradict each other, as few as will do. */
  readonly witnesses: readonly Op[]
}

export interface Report {
  readonly requests: number
  readonly ok: number
  readonly failed: number
  readonly unknown: number
  readonly violations: readonly Violation[]
  /** Excused: seen late, within the grace. */
  readonly late: readonly Violation[]
  /** Excused: lost in a fault that loses data, and unknown to the cookie. */
  readonly untold: readonly Violation[]
  /** Responses that said `behind`. */
  readonly announcedBehind: number
  /** Reads that said `stale`. */
  readonly announcedStale: number
  /** Logouts that a lossy fault undid: no token can tell, see docs/consistency.md. */
  readonly undoneLogouts: number
  /** Writes without a cookie whose session's own cookie the browser dropped for another. */
  readonly dropped: number
}

/** How the operations of one key are judged: what they share, besides their own list. */
export interface Scope {
  readonly byId: ReadonlyMap<number, Op>
  /** Times in which a loss was announced to this client: what lies before one binds nothing that lies after it. */
  readonly windows: readonly Window[]
  /** The faults that could lose acknowledged writes. */
  readonly lossy: readonly Fault[]
  readonly terms: Terms | undefined
  /** What this client had added to each counter, one entry for each of its earlier sessions. */
  readonly former: ReadonlyMap<string, readonly FormerAdds[]>
}

export interface FormerAdds {
  /** When the first login or logout of that session was sent: what a lossy fault undoes may be either. */
  readonly left: number
  /** Adds that did not fail. */
  readonly all: number
  /** Those that were under way during the logout: they may have come after it, and so into the next session. */
  readonly underWay: number
}

export interface Window {
  readonly start: number
  readonly end: number
}
