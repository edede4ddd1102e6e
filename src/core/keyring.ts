import { hkdfSync } from 'node:crypto'
import { sign, unsign } from 'cookie-signature'
import { decodeToken, encodeToken, type Token } from './token.ts'

export type BadCookie = 'malformed' | 'unknown-key' | 'bad-signature'

/** What a cookie value turned out to be. */
export type Verdict =
  | {
      readonly kind: 'token'
      readonly token: Token
      /** Signed by a secret that no longer signs. */
      readonly retiredKey: boolean
    }
  | { readonly kind: 'bad'; readonly reason: BadCookie }

export interface Keyring {
  sign(token: Token): string
  verify(value: string): Verdict
}

/**
 * One key per secret, derived with HKDF-SHA256 (RFC 5869) and bound to a namespace: a value signed for one is worthless
 * in another. The first secret signs, all of them verify.
 */
export function createKeyring(secrets: readonly string[], namespace: string): Keyring {
  const keys = secrets.map((secret) => deriveKey(secret, namespace))
  // Reversed, so that of equal secrets the first one counts.
  const byId = new Map(keys.toReversed().map((key) => [key.id, key]))
  const [signing] = keys
  if (!signing) throw new TypeError('a keyring needs at least one secret')
  return {
    sign(token) {
      const text = encodeToken(token, signing.id)
      return `${text}.${sign(text, signing.key)
        .slice(text.length + 1)
        .replace(/[+/]/g, urlSafe)}`
    },
    verify(value) {
      const decoded = decodeToken(value)
      if (!decoded) return MALFORMED
      const key = byId.get(decoded.keyId)
      if (!key) return UNKNOWN_KEY
      if (unsign(withPlainSignature(value), key.key) === false) return BAD_SIGNATURE
      return { kind: 'token', token: decoded.token, retiredKey: key !== signing }
    },
  }
}

/**
 * Base64 has two characters that percent-encoding, form-decoding or a path change on the way; base64url (RFC 4648
 * section 5) has none.
 */
function urlSafe(character: string): string {
  return character === '+' ? '-' : '_'
}

/** As cookie-signature writes it: plain base64. */
function withPlainSignature(value: string): string {
  const at = value.lastIndexOf('.')
  return value.slice(0, at) + value.slice(at).replace(/[-_]/g, (character) => (character === '-' ? '+' : '/'))
}

const MALFORMED: Verdict = { kind: 'bad', reason: 'malformed' }
const UNKNOWN_KEY: Verdict = { kind: 'bad', reason: 'unknown-key' }
const BAD_SIGNATURE: Verdict = { kind: 'bad', reason: 'bad-signature' }

/** Keys are strings: some Node versions take ten times as long for an HMAC whose key is a Buffer. */
function deriveKey(secret: string, namespace: string): { readonly id: string; readonly key: string } {
  const derive = (what: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, '', `limpet 2 ${what} ${namespace}`, bytes)).toString('base64url')
  return { id: derive('key id', 3), key: derive('key', 32) }
}
