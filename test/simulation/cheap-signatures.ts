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
    let text = ''
    let state = this.#state
    for (let at = 0; at < LENGTH; at++) {
      if (at % 5 === 0) state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0
      text += LETTERS[(state >>> ((at % 5) * 6)) & 63]
    }
    return text
  }
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
