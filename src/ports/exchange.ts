import type { CookieAttributes } from '../core/cookie.ts'
import type { Clock } from './clock.ts'
import type { WarningCode } from './events.ts'
import type { Sticky } from './sticky.ts'

/** What an adapter reports of a request. */
export interface Arrival {
  /** The Cookie header as it came. */
  readonly cookieHeader: string | undefined
  /** Did the client use https, as far as this backend can know? */
  readonly secure: boolean
}

/** What an adapter gets back: asked once or more when the final response's headers are about to leave. */
export interface Departure {
  /** The whole value of our Set-Cookie; undefined: this response must not carry one. */
  setCookie(): string | undefined
  /** The response is one that a shared cache may store, so it goes without the cookie. */
  withheld(): void
}

/** What is to be done with a request. `serve`: the application answers it here. */
export interface Outcome {
  readonly kind: 'serve'
  readonly sticky: Sticky
  readonly departure: Departure
}

/** What an adapter is handed: it judges requests, and knows the few options that concern a response's head. */
export interface Exchange {
  readonly cookie: CookieAttributes
  readonly cacheable: 'skip' | 'private' | 'emit'
  readonly clock: Clock
  /** Judges the cookie of a request. Never throws, and never asks the store. */
  arrive(arrival: Arrival): Outcome
  warn(code: WarningCode, message: string): void
}

/** What every middleware of limpet is beside a function. */
export interface Handle {
  /** Ends what sticky() started: timers, its own Redis connections, subscriptions. A client that you passed in stays open. */
  close(): Promise<void>
}
