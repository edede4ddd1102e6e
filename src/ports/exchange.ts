/** What an adapter tells the engine about a request. */
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
