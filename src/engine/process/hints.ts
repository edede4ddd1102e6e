import { type CookieWriter, cookieValues } from '../../core/cookie.ts'
import { NOBODY } from '../../core/token.ts'

/** What a load balancer is told of a session's owner: a cookie that it matches as it stands. */
export class Hints {
  /** The name of the cookie, and what it says of this backend. */
  readonly cookie: string
  readonly value: string
  readonly #writer: CookieWriter
  readonly #boot: string
  /** What the hint of another backend says; undefined: nobody knows. */
  ofPeer: (boot: string) => string | undefined = () => undefined

  constructor({ cookie, value }: { cookie: string; value: string }, writer: CookieWriter, boot: string) {
    this.cookie = cookie
    this.value = value
    this.#writer = writer
    this.#boot = boot
  }

  /** The client has been told of another backend than this one, or of none. */
  leadsAway(cookieHeader: string | undefined): boolean {
    return !this.#says(cookieHeader, this.value)
  }

  /** That backend, if it is one of those that the balancer knows; else, as for a service behind this one, this one. */
  known(boot: string | undefined): string {
    return boot !== undefined && this.ofPeer(boot) !== undefined ? boot : this.#boot
  }

  /**
   * The whole value of the Set-Cookie that names the owner; undefined: the client has it already, or nobody knows the
   * owner's. A session that was given up has none: its client's is taken away, and the balancer chooses anew.
   */
  header(cookieHeader: string | undefined, owner: string, secure: boolean): string | undefined {
    if (owner === NOBODY.boot) {
      return cookieValues(cookieHeader, this.cookie).length > 0 ? this.#writer.write('', 0, secure, true) : undefined
    }
    const value = owner === this.#boot ? this.value : this.ofPeer(owner)
    if (value === undefined || this.#says(cookieHeader, value)) return undefined
    return this.#writer.write(value, 0, secure)
  }

  /** Of two that differ, nobody knows which one the balancer goes by. */
  #says(cookieHeader: string | undefined, value: string): boolean {
    const came = cookieValues(cookieHeader, this.cookie)
    return came.length > 0 && came.every((one) => one === value)
  }
}
