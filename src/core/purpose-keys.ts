import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Signs and checks texts for one purpose. */
export interface PurposeKeys {
  /** Which key, and the signature: 26 characters of base64url. */
  sign(text: string): string
  /** Is it what `sign` returned for this text, here or on a backend that has one of our secrets? */
  verifies(text: string, signature: string): boolean
}

/** The length of what `sign` returns. */
export const SIGNATURE_LENGTH = 26

const KEY_ID_LENGTH = 4

/**
 * One key per secret, derived with HKDF-SHA256 (RFC 5869) and bound to a namespace and a purpose: what is signed for
 * one is worthless for another. The first secret signs, all verify. Signatures are HMAC-SHA256, cut to 132 bits (RFC
 * 2104 section 5).
 */
export function createPurposeKeys(secrets: readonly string[], namespace: string, purpose: string): PurposeKeys {
  const keys = secrets.map((secret) => {
    const derive = (what: string, bytes: number) =>
      Buffer.from(hkdfSync('sha256', secret, '', `limpet 2 ${purpose} ${what} ${namespace}`, bytes)).toString(
        'base64url',
      )
    return { id: derive('key id', 3), key: derive('key', 32) }
  })
  const [signing] = keys
  if (!signing) throw new TypeError('signing needs at least one secret')
  // Reversed, so that of equal secrets the first one counts.
  const byId = new Map(keys.toReversed().map(({ id, key }) => [id, key]))
  const digest = (key: string, text: string) => createHmac('sha256', key).update(text).digest('base64url').slice(0, 22)
  return {
    sign: (text) => signing.id + digest(signing.key, text),
    verifies(text, signature) {
      const key = byId.get(signature.slice(0, KEY_ID_LENGTH))
      if (key === undefined || signature.length !== SIGNATURE_LENGTH) return false
      const given = Buffer.from(signature.slice(KEY_ID_LENGTH))
      const wanted = Buffer.from(digest(key, text))
      return given.length === wanted.length && timingSafeEqual(given, wanted)
    },
  }
}
