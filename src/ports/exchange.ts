import type { CookieAttributes } from '../core/cookie.ts'
import type { Clock } from './clock.ts'
import type { WarningCode } from './events.ts'
import type { Sticky } from './sticky.ts'

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

/** What every middleware of limpet is beside a function. */
export interface Handle {
  /** Ends what sticky() started: timers, its own Redis connections, subscriptions. A client that you passed in stays open. */
  close(): Promise<void>
}
