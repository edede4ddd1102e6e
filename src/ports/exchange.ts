import type { CookieAttributes } from '../core/cookie.ts'
import type { Clock } from './clock.ts'
import type { Events, WarningCode } from './events.ts'
import type { Raw } from './misdirected.ts'
import type { Session, Sticky } from './sticky.ts'
import type { Texts } from './texts.ts'

/** What an adapter reports of a request. */
export interface Arrival {
  /** The Cookie header as it came. */
  readonly cookieHeader: string | undefined
}

/** What an adapter gets back: asked once or more when the final response's headers are about to leave. */
export interface Departure {
  /**
   * The whole value of our Set-Cookie; undefined: this response must not carry one. `secure`: the client uses https, as
   * far as anybody here knows by now. `relayed`: values of cookies of our name that the application has put on the
   * response; undefined: none.
   */
  setCookie(secure: boolean, relayed?: readonly string[]): string | undefined
  /**
   * Asked after `setCookie`, when that gave one: the whole value of a Set-Cookie that tells the load balancer of the
   * owner; undefined: the client has it already. Without this method nobody is told.
   */
  hint?(secure: boolean): string | undefined
  /** The response is one that a shared cache may store, so it goes without the cookie. */
  withheld(): void
}

/** What is to be done with a request. `serve`: the application answers it here. */
export interface Outcome {
  readonly kind: 'serve'
  readonly sticky: Sticky
  readonly departure: Departure
  /** What the response says in `Server-Timing`; undefined: nobody wants that. */
  readonly note?: (() => string) | undefined
  /** A peer has passed the request on: this is the connection on which it had got it. */
  readonly from?: Connection | undefined
  /**
   * To be called with how to break off the response, or the socket of an upgrade. Returns what is to be called when it
   * has been closed. Undefined: nobody wants to know.
   */
  readonly opened?: ((breakOff: () => void) => () => void) | undefined
}

/** Where a request came from. */
export interface Connection {
  readonly address: string
  readonly port: number
  readonly encrypted: boolean
}

/** What an adapter reports of a request that another backend may have to answer. */
export interface RoutedArrival extends Arrival {
  readonly method: string | undefined
  /** As it came: path and query, with the path under which middleware is mounted. */
  readonly url: string | undefined
  readonly headers: Record<string, string | string[] | undefined>
  readonly rawHeaders: string[]
  connection(): Connection
}

/**
 * The request may be another backend's. `passOn` resolves to undefined when it was answered there, and else to what is
 * to be done here.
 */
export interface Away {
  readonly kind: 'away'
  passOn(raw: Raw): Promise<Outcome | undefined>
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
  /** The name of the cookie that tells the load balancer of the owner; undefined: there is none. */
  readonly hintCookie: string | undefined
  readonly cacheable: 'skip' | 'private' | 'emit'
  readonly clock: Clock
  /** Is this request none of ours? Never throws. Undefined: all of them are. */
  readonly skips: Skip | undefined
  /** Judges the cookie of a request. Never throws, and never asks the store. */
  arrive(arrival: Arrival): Outcome
  /** The same for requests that may belong to another backend. Undefined: they are served where they land. */
  readonly dispatch: ((arrival: RoutedArrival) => Outcome | Away) | undefined
  /**
   * To be called with the url at which peers reach this backend, once its own socket listens. Undefined: it needs none.
   */
  readonly reachable: ((url: string) => void) | undefined
  warn(code: WarningCode, message: string): void
  readonly emit: Events['emit']
  /** The data of a session that `arrive` or `dispatch` has begun. */
  texts(sticky: Sticky): Texts
  /** Has the last word on a Set-Cookie of ours. Undefined: it stays as it is. */
  readonly dress?: ((request: object, setCookie: string) => string) | undefined
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
   * The data of a session, by its id. It never makes a session, and asks the store each time. Calls reject with
   * `ERR_LIMPET_NOT_FOUND` where nothing is stored under the id, with `ERR_LIMPET_DESTROYED` when the session has ended
   * or has another id by now, and with `ERR_LIMPET_EXPIRED` when this handle has outlived it. A handle that is kept
   * renews the data's lifetime when it is used; a look does not. `destroy()` logs the session out, and resolves whether
   * or not there was one. Throws `ERR_LIMPET_NOT_FOUND` for what is no id.
   */
  session(id: string): Session
  /**
   * The sessions that have this label, the youngest first. Reads each of them. Rejects with `ERR_LIMPET_LABEL` where
   * the store has no labels.
   */
  labelled(label: string): Promise<LabelledSession[]>
  /**
   * Logs out everywhere: ends all sessions that have this label, also those that get another id or the label at this
   * moment. Resolves to how many that were. Rejects when the store could not be told of all.
   */
  destroyAll(label: string, options?: DestroyAllOptions): Promise<number>
}

/** What every middleware of limpet is beside a function. */
export interface Handle extends Outside {
  /**
   * An id for somebody else's protocol that says, signed, which backend minted it: 59 characters of `[A-Za-z0-9_-]`.
   * Requests that bring it back (`carriers`) come here, with `misdirected: 'forward'` or the like, whatever backend
   * they land on. Throws `ERR_LIMPET_OPTIONS` without.
   */
  ownedId(): string
  /**
   * For a readiness probe: is this backend announced to its peers, and not about to end? Without `misdirected` it is
   * true until `close()`.
   */
  isReady(): boolean
  /**
   * This backend is about to end: peers send nothing new, sessions at home are given up with their next response once
   * nothing of them is open here, and `isReady()` is false. Resolves when nothing is open any more, or at the deadline
   * (default 30 s), when what is still open is broken off. Call it on SIGTERM, before you close the server.
   */
  drain(options?: { readonly deadline?: string | number | undefined }): Promise<void>
  /**
   * Ends what sticky() started: timers, its own Redis connections, subscriptions. A client that you passed in stays
   * open.
   */
  close(): Promise<void>
}
