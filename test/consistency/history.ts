/** What the driver writes down and the checker judges. Nothing here knows how any session library works. */

export type Kind = 'read' | 'write' | 'add' | 'logout' | 'login' | 'ghost'

/** `fail`: known not to have happened. `unknown`: no answer, or one that does not say. */
export type Outcome = 'ok' | 'fail' | 'unknown'

export type Value = string | number | null

/** One key touched by one request. A request that touches several keys leaves several of these, with one id. */
export interface Op {
  readonly id: number
  readonly client: number
  /** The client's own count of its sessions: one more after each logout it was told of. */
  readonly incarnation: number
  readonly kind: Kind
  readonly key: string
  /** Written (`write`), seen (`read`, `ghost`), or the counter's new value (`add`). `null`: nothing there. */
  readonly value: Value
  /** Milliseconds of one monotonic clock: before the first byte was sent, after the last one was read (or the client gave up). */
  readonly invoke: number
  readonly finish: number
  readonly outcome: Outcome
  /** The response said that acknowledged writes are gone from the store. */
  readonly behind: boolean
  /** The response said that it was answered without the store. */
  readonly stale: boolean
  readonly backend: number
  /** The request whose response had set the cookie that this one carried; -1 when it carried none. */
  readonly cookieFrom: number
  /** The start of the session's id, as the server says: for the reader, not for the checker. */
  readonly session: string
  /** The error's code or the status, for the reader. */
  readonly detail: string
  /** The process that answered. Absent: no answer came. */
  readonly boot?: number | undefined
  /** When the backend received the request, and when its handler began to act (after its wait), by the same clock as `invoke`. */
  readonly arrived?: number | undefined
  readonly acted?: number | undefined
  /** Milliseconds that the driver itself made it longer: a handler that waits, a response that is held back. */
  readonly waited?: number | undefined
  /** The response's head left before this was done, so its cookie cannot know of it. */
  readonly streamed?: boolean | undefined
  /** It was not done because another request was faster, and not because the store failed. */
  readonly refused?: boolean | undefined
  /** It gave up because others were quicker again and again. */
  readonly starved?: boolean | undefined
  /** The client closed the connection before the response: what is known of it, if anything, is the backend's own word. */
  readonly lost?: boolean | undefined
  /** Milliseconds without a use after which this session ends, where a story is about that. */
  readonly idle?: number | undefined
  /** Part of a story: a few requests of one browser in which sessions fork, so that rules of their own judge it (checker/stories.ts). */
  readonly story?: number | undefined
}

export interface Fault {
  readonly name: string
  readonly start: number
  readonly end: number
  /** Acknowledged writes can be gone afterwards. */
  readonly lossy: boolean
  /** The one backend that it struck. */
  readonly backend?: number | undefined
}

export interface History {
  readonly ops: readonly Op[]
  readonly faults: readonly Fault[]
}

/** When the effect of an operation was certainly there: never, unless it was acknowledged. */
export function settled(op: Op): number {
  return op.outcome === 'ok' ? op.finish : Number.POSITIVE_INFINITY
}
