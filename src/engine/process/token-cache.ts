import type { CookieWriter } from '../../core/cookie.ts'
import type { Keyring, Verdict } from '../../core/keyring.ts'
import { type Limits, maxAgeOf } from '../../core/lifetime.ts'
import { decodeToken, type Token } from '../../core/token.ts'
import { boundedMap } from './bounded.ts'

/** A token whose signature is known to be good, with the header that sends it. */
export interface SignedToken {
  readonly kind: 'token'
  readonly token: Token
  readonly retiredKey: boolean
  readonly value: string
  /** The Set-Cookie value, made when first needed. */
  header: string | undefined
  headerIsSecure: boolean
}

/** How many verified tokens are remembered. */
const REMEMBERED = 100_000

/**
 * Signs and verifies, and remembers what it has found good, so that a client's next request costs no HMAC. Only
 * signatures are remembered: whether a token is still within its limits is judged anew each time.
 */
export class TokenCache {
  readonly #remembered
  readonly #keyring: Keyring
  readonly #writer: CookieWriter
  readonly #limits: Limits

  constructor(keyring: Keyring, writer: CookieWriter, limits: Limits, remembered = REMEMBERED) {
    this.#remembered = boundedMap<SignedToken>(remembered)
    this.#keyring = keyring
    this.#writer = writer
    this.#limits = limits
  }

  sign(token: Token): SignedToken {
    return this.#remember(this.#keyring.sign(token), token, false)
  }

  /** A token that is known to be good. */
  known(value: string): SignedToken | undefined {
    return this.#remembered.peek(value)
  }

  verify(value: string): SignedToken | (Verdict & { kind: 'bad' }) {
    // Without a note that it was used: that would cost more than the look-up, and forgetting the oldest instead costs
    // one HMAC each.
    const known = this.#remembered.peek(value)
    if (known) return known
    const verdict = this.#keyring.verify(value)
    if (verdict.kind === 'bad') return verdict
    // The value is a slice of the client's whole Cookie header, and so are the token's parts: remembered like that,
    // they would keep it alive.
    const own = Buffer.from(value, 'latin1').toString('latin1')
    return this.#remember(own, decodeToken(own)?.token ?? verdict.token, verdict.retiredKey)
  }

  header(signed: SignedToken, secure: boolean): string {
    if (signed.header === undefined || signed.headerIsSecure !== secure) {
      const { token, value } = signed
      // A session with a lifetime of its own was asked to outlive the browser.
      const isKept = token.lifetime !== undefined
      signed.header = this.#writer.write(value, maxAgeOf(token, this.#limits), secure, isKept)
      signed.headerIsSecure = secure
    }
    return signed.header
  }

  #remember(value: string, token: Token, retiredKey: boolean): SignedToken {
    const signed: SignedToken = { kind: 'token', token, retiredKey, value, header: undefined, headerIsSecure: false }
    this.#remembered.set(value, signed)
    return signed
  }
}
