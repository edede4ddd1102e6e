import { type PurposeKeys, SIGNATURE_LENGTH } from './purpose-keys.ts'
import { BOOT_ID_LENGTH } from './token.ts'

/**
 * An id that says, signed, which life of which backend minted it:
 *
 *     o bbbbbbbb rrrrrrrrrrrrrrrrrrrrrrrr ssssssssssssssssssssssssss
 *     │ boot (8)  random (24, 144 bits)    signature (26, with its key's id)
 *     format
 *
 * 59 characters of `[A-Za-z0-9_-]`, so it may stand in a path, a query, a header and a file's name. Nothing is stored.
 */
export interface OwnedIds {
  /** `random`: 24 characters of base64url. */
  mint(boot: string, random: string): string
  /** The boot id of the backend that minted it; undefined: none that has one of our secrets. */
  ownerOf(id: string): string | undefined
}

const SHAPE = new RegExp(`^o([\\w-]{${BOOT_ID_LENGTH}})[\\w-]{24}[\\w-]{${SIGNATURE_LENGTH}}$`)

export function createOwnedIds(keys: PurposeKeys): OwnedIds {
  return {
    mint(boot, random) {
      const text = `o${boot}${random}`
      return text + keys.sign(text)
    },
    ownerOf(id) {
      const boot = SHAPE.exec(id)?.[1]
      if (boot === undefined) return undefined
      const at = id.length - SIGNATURE_LENGTH
      return keys.verifies(id.slice(0, at), id.slice(at)) ? boot : undefined
    },
  }
}
