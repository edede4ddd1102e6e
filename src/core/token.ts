/**
 * The token: what the affinity cookie says, before and after its signature.
 *
 *     2 kkkk iiiiiiiiiiiiiiiiiiiiiiii ccccccccc ttttttttt sssssssss v... . owner . boot [.l...] [.p...] . signature
 *     │  │   id (24, base64url)        created   touched   issued  version          │      │
 *     │  key id (4)                    (milliseconds since 1970, base 36)            │      the id whose move is pending, without its
 *     format                                                                        │      first two characters, which are those of the id
 *                                                                                   a lifetime of its own, milliseconds
 *                                                                                   in base 36
 *
 * Only `[A-Za-z0-9_-]` and dots: percent-encoding, form-decoding and quoting leave it as it is, it is made of
 * cookie-octets (RFC 6265 section 4.1.1), so the value is sent raw, and a load balancer that compares it raw sees the
 * same bytes.
 */
export interface Token {
  /** Names the session: 144 random bits, base64url. */
  readonly id: string
  /** Id of the backend that the session belongs to. */
  readonly owner: string
  /** Names one life of that backend's process: it is random at every boot. */
  readonly boot: string
  /**
   * The newest version of the session's data that this client has seen; 0: nothing, which does not prove that nothing
   * is stored.
   */
  readonly version: number
  /** When the session began, in milliseconds since 1970. */
  readonly createdAt: number
  /**
   * When the stored data's lifetime was last renewed, in milliseconds since 1970; 0: not as far as this client knows.
   */
  readonly touchedAt: number
  /** When this token was signed, in milliseconds since 1970. */
  readonly issuedAt: number
  /** The idle timeout of this session alone, in milliseconds; undefined: that of the configuration. */
  readonly lifetime: number | undefined
  /**
   * The session was to move here from this id, and nobody knows whether it did; whoever uses it next repeats the move.
   */
  readonly pendingFrom: string | undefined
}

/** Longer values are not ours; they are refused before anything is computed. */
export const MAX_TOKEN_LENGTH = 260

/** Backend ids and key ids live in the cookie, so they keep to its alphabet. */
export const BACKEND_ID = /^[A-Za-z0-9_-]{1,64}$/

/** How many characters a boot id has. */
export const BOOT_ID_LENGTH = 8

/** The owner of a session that a backend has given up because it is about to end. */
export const NOBODY = { backend: '-', boot: '--------' } as const

const SHAPE =
  /^2([\w-]{4})([\w-]{24})([0-9a-z]{9})([0-9a-z]{9})([0-9a-z]{9})([0-9a-z]{1,11})\.([\w-]{1,64})\.([\w-]{8})(?:\.l([0-9a-z]{1,9}))?(?:\.p([\w-]{22}))?\.[\w-]{43}$/

/**
 * Ids that belong together, one having moved to the other, share so many characters (a Redis Cluster places them by
 * these).
 */
const PLACE = 2

/** The text that gets signed. */
export function encodeToken(token: Token, keyId: string): string {
  const times = digits(token.createdAt) + digits(token.touchedAt) + digits(token.issuedAt)
  const text = `2${keyId}${token.id}${times}${token.version.toString(36)}.${token.owner}.${token.boot}`
  if (token.lifetime === undefined && token.pendingFrom === undefined) return text
  const lifetime = token.lifetime === undefined ? '' : `.l${token.lifetime.toString(36)}`
  return text + lifetime + (token.pendingFrom === undefined ? '' : `.p${token.pendingFrom.slice(PLACE)}`)
}

/** Reads a cookie value without trusting it: the signature is still to be checked. Undefined: not of our shape. */
export function decodeToken(value: string): { readonly token: Token; readonly keyId: string } | undefined {
  if (value.length > MAX_TOKEN_LENGTH) return undefined
  const parts = SHAPE.exec(value)
  if (!parts) return undefined
  const [, keyId = '', id = '', created = '', touched = '', issued = '', version = '', owner = '', boot = ''] = parts
  const [lifetime, pending] = [parts[9], parts[10]]
  return {
    keyId,
    token: {
      id,
      owner,
      boot,
      version: Number.parseInt(version, 36),
      createdAt: Number.parseInt(created, 36),
      touchedAt: Number.parseInt(touched, 36),
      issuedAt: Number.parseInt(issued, 36),
      lifetime: lifetime === undefined ? undefined : Number.parseInt(lifetime, 36),
      pendingFrom: pending === undefined ? undefined : id.slice(0, PLACE) + pending,
    },
  }
}

/** Nine base-36 digits hold milliseconds until the year 5188. */
function digits(milliseconds: number): string {
  return milliseconds.toString(36).padStart(9, '0')
}
