import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ab'
/** Characters of 32 bytes in base64. */
const LENGTH = 43

/**
 * Half of the time would go into HMACs, and no interleaving concerns them. In this process alone a signature is a checksum of key and text of
 * letters and digits: a changed cookie is still noticed, and nothing here is a secret. To be imported before limpet is.
 */
class Checksum {
  #state: number

  constructor(key: unknown) {
    this.#state = mixed(0x811c9dc5, String(key))
  }

  update(text: unknown): this {
    this.#state = mixed(this.#state, String(text))
    return this
  }

  digest(): string {
    const unit = letters(this.#state) + letters(Math.imul(this.#state ^ (this.#state >>> 15), 0x2c1b3c6d))
    return unit.repeat(4) + unit.slice(0, LENGTH - 4 * unit.length)
  }
}

/** Thirty bits as five letters. */
function letters(bits: number): string {
  return letter(bits) + letter(bits >>> 6) + letter(bits >>> 12) + letter(bits >>> 18) + letter(bits >>> 24)
}

function letter(bits: number): string {
  return LETTERS[bits & 63] as string
}

function mixed(start: number, text: string): number {
  let state = start
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193)
  return state >>> 0
}

Object.assign(crypto, {
  createHmac: (_algorithm: string, key: unknown) => new Checksum(key),
  hkdfSync: (_hash: string, secret: unknown, _salt: string, info: string, bytes: number) =>
    Buffer.from(new Checksum(secret).update(info).digest()).subarray(0, bytes),
})
syncBuiltinESMExports()
