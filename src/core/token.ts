/**
 * The token: what the affinity cookie says, before and after its signature.
 *
 *     1 kkkk iiiiiiiiiiiiiiiiiiiiiiii ccccccc sssssss ttttttt v... . owner . signature
 *     │  │   id (24, base64url)       created stored  issued  version
 *     │  key id (4)                   (seconds since 1970, base 36, 7 digits each)
 *     format
 *
 * Only `[A-Za-z0-9_-]`, two dots, and in the signature `+` and `/`: all of them cookie-octets (RFC 6265 section 4.1.1), so the
 * value is sent raw and a load balancer that compares it raw sees the same bytes.
 */
export interface Token {
  /** Names the session: 144 random bits, base64url. */
  readonly id: string
  /** Id of the backend that the session belongs to. */
  readonly owner: string
  /** The newest version of the session's data that this client has seen; 0: nothing stored, as far as it knows. */
  readonly version: number
  /** When the session began, in seconds since 1970. */
  readonly createdAt: number
  /** When the stored data's lifetime was last renewed, in seconds since 1970; 0: nothing stored. */
  readonly storedAt: number
  /** When this token was signed, in seconds since 1970. */
  readonly issuedAt: number
}

/** Longer values are not ours; they are refused before anything is computed. */
export const MAX_TOKEN_LENGTH = 200

/** Backend ids and key ids live in the cookie, so they keep to its alphabet. */
export const BACKEND_ID = /^[A-Za-z0-9_-]{1,64}$/

const SHAPE =
  /^1([A-Za-z0-9_-]{4})([A-Za-z0-9_-]{24})([0-9a-z]{7})([0-9a-z]{7})([0-9a-z]{7})([0-9a-z]{1,10})\.([A-Za-z0-9_-]{1,64})\.[A-Za-z0-9+/]{43}$/

/** The text that gets signed. */
export function encodeToken(token: Token, keyId: string): string {
  const times = digits(token.createdAt) + digits(token.storedAt) + digits(token.issuedAt)
  return `1${keyId}${token.id}${times}${token.version.toString(36)}.${token.owner}`
}

/** Reads a cookie value without trusting it: the signature is still to be checked. Undefined: not of our shape. */
export function decodeToken(value: string): { readonly token: Token; readonly keyId: string } | undefined {
  if (value.length > MAX_TOKEN_LENGTH) return undefined
  const parts = SHAPE.exec(value)
  if (!parts) return undefined
  const [, keyId = '', id = '', created = '', stored = '', issued = '', version = '', owner = ''] = parts
  return {
    keyId,
    token: {
      id,
      owner,
      version: Number.parseInt(version, 36),
      createdAt: Number.parseInt(created, 36),
      storedAt: Number.parseInt(stored, 36),
      issuedAt: Number.parseInt(issued, 36),
    },
  }
}

/** Seven base-36 digits hold seconds until the year 4453. */
function digits(seconds: number): string {
  return seconds.toString(36).padStart(7, '0')
}
