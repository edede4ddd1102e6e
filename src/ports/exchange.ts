import type { CookieAttributes } from '../core/cookie.ts'
import type { Clock } from './clock.ts'
import type { WarningCode } from './events.ts'
import type { Session, Sticky } from './sticky.ts'

/** What an adapter reports of a request. */
export interface Arrival {
  /** The Cookie header as it came. */
  readonly cookieHeader: string | undefined
}

/** What an adapter gets back: asked once or more when the final response's headers are about to leave. */
export interface Departure {
  /**
   * The whole value of our Set-Cookie; undefined: this response must not carry one. `secure`: the client uses https, as far as anybody here
   * knows by now.
   */
  setCookie(secure: boolean): string | undefined
  /** The response is one that a shared cache may store, so it goes without the cookie. */
  withheld(): void
}

/** What is to be done with a request. `serve`: the application answers it here. */
export interface Outcome {
  readonly kind: 'serve'
  readonly sticky: Sticky
  readonly departure: Departure
}

/** The part of a request that `skip` can rely on, whatever the framework. */
export interface SkippableRequest {
  readonly method?: string | undefined
  /** Path and query. Where sticky() is mounted under a path, Express has taken that off. */
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Typed as a method is, so that a function of a framework's own request fits as well. */
export type Skip = { of(request: SkippableRequest): boolean }['of']

/** What an adapter is handed: it judges requests, and knows the few options that concern a response's head. */
export interface Exchange {
  readonly cookie: CookieAttributes
  readonly cacheable: 'skip' | 'private' | 'emit'
  readonly clock: Clock
  /** Is this request none of ours? Never throws. Undefined: all of them are. */
  readonly skips: Skip | undefined
  /** Judges the cookie of a request. Never throws, and never asks the store. */
  arrive(arrival: Arrival): Outcome
  warn(code: WarningCode, message: string): void
}

/** A session that has a label. Its data is at `limpet.session(id)`. */
export interface LabelledSession {
  readonly id: string
  /** Undefined: the clock of the store was not known when it got its label. */
  readonly createdAt: Date | undefined
}

export interface DestroyAllOptions {
  /** The id of a session that goes on: that of the request, as `sticky.id` says it. */
  readonly except?: string | undefined
}

/** Sessions without a request of theirs: for sockets, jobs and admin pages. */
export interface Outside {
  /**
   * The data of a session, by its id. It never makes a session, and asks the store each time. Calls reject with `ERR_LIMPET_NOT_FOUND` where nothing is
   * stored under the id, with `ERR_LIMPET_DESTROYED` when the session has ended or has another id by now, and with `ERR_LIMPET_EXPIRED` when this
   * handle has outlived it. A handle that is kept renews the data's lifetime when it is used; a look does not. `destroy()` logs the session out,
   * and resolves whether or not there was one. Throws `ERR_LIMPET_NOT_FOUND` for what is no id.
   */
  session(id: string): Session
  /** The sessions that have this label, the youngest first. Reads each of them. Rejects with `ERR_LIMPET_LABEL` where the store has no labels. */
  labelled(label: string): Promise<LabelledSession[]>
  /**
   * Logs out everywhere: ends all sessions that have this label, also those that get another id or the label at this moment. Resolves to how many
   * that were. Rejects when the store could not be told of all.
   */
  destroyAll(label: string, options?: DestroyAllOptions): Promise<number>
}

/** What every middleware of limpet is beside a function. */
export interface Handle extends Outside {
  /** Ends what sticky() started: timers, its own Redis connections, subscriptions. A client that you passed in stays open. */
  close(): Promise<void>
}
