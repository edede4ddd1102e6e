import type { Op, Outcome } from '../../history.ts'

/**
 * One request with its answer, where it is known which session each cookie names: what the history's operations do not say. Like them it knows
 * nothing of how a library works, only that a cookie names a session by an id and that a login may give the session a new one.
 */
export interface Exchange {
  readonly id: number
  readonly client: number
  readonly act: 'read' | 'write' | 'login' | 'logout'
  /** The session that the request's cookie names; empty: it brought none. */
  readonly sent: string
  /** The request whose response had set that cookie; -1: none. */
  readonly cookieFrom: number
  /** The session that the response's cookie names; empty: it set none, or never arrived. */
  readonly given: string
  /** The session that the application had at the end; empty: nobody knows. */
  readonly under: string
  /** An old cookie, sent again; what came back went into no jar. */
  readonly ghost: boolean
  /** The head of the response left before the handler began. */
  readonly stream: boolean
  /** The head of the response arrived. */
  readonly arrived: boolean
  readonly backend: number
  /** Which life of that backend's process. */
  readonly boot: number
  /** When it was sent, when a backend received it, when its handler began to act, and when it was answered or given up. */
  readonly invoke: number
  readonly began: number
  readonly acted: number
  readonly finish: number
  readonly outcome: Outcome
  /** The error's code; empty: none. */
  readonly error: string
  readonly behind: boolean
  readonly stale: boolean
  readonly ops: readonly Op[]
}

export interface ExchangeHistory {
  readonly exchanges: readonly Exchange[]
  /** Milliseconds without a request after which a session ends. */
  readonly idleTimeout: number
  /** When the clock by which times are judged was set back: how long ago something before that was, nobody can tell after it. */
  readonly setBack?: readonly number[]
}

/** What is added to the id of an operation that happened after the head of its response had left. */
export const BEYOND = 0.5

/** The id of the request that an operation was part of. */
export function requestOf({ id }: Pick<Op, 'id'>): number {
  return Math.floor(id)
}
