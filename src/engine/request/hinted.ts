import { setCookieValue } from '../../core/cookie.ts'
import { decodeToken } from '../../core/token.ts'
import type { Departure } from '../../ports/exchange.ts'
import type { Hints } from '../process/hints.ts'
import type { RequestState } from './state.ts'

/** What leaves with a response where the load balancer is told of the owner as well. */
export class Hinted implements Departure {
  readonly #state: RequestState
  readonly #hints: Hints
  readonly #cookieHeader: string | undefined
  /** Whom the token that leaves belongs to; undefined: none leaves. */
  #owner: string | undefined

  constructor(state: RequestState, hints: Hints, cookieHeader: string | undefined) {
    this.#state = state
    this.#hints = hints
    this.#cookieHeader = cookieHeader
  }

  setCookie(secure: boolean, relayed?: readonly string[]): string | undefined {
    const cookie = this.#state.setCookie(secure, relayed)
    if (cookie === undefined) this.#owner = undefined
    else this.#owner = relayed ? this.#hints.known(ownerIn(cookie)) : this.#state.token.boot
    return cookie
  }

  hint(secure: boolean): string | undefined {
    return this.#owner === undefined ? undefined : this.#hints.header(this.#cookieHeader, this.#owner, secure)
  }

  withheld(): void {
    this.#state.withheld()
  }
}

/** Another limpet may have signed what was relayed. */
function ownerIn(cookie: string): string | undefined {
  return decodeToken(setCookieValue(cookie))?.token.boot
}
