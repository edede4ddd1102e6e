import { createHmac, hkdfSync } from 'node:crypto'
import { sign as signWith } from 'cookie-signature'
import { describe, expect, it } from 'vitest'
import { createKeyring } from '../../../src/core/keyring.ts'
import { encodeToken, type Token } from '../../../src/core/token.ts'

const NEW = 'the new secret, at least 32 bytes long'
const OLD = 'the old secret, at least 32 bytes long'
const TOKEN: Token = {
  id: 'AAAAAAAAAAAAAAAAAAAAAAAA',
  owner: 'web1',
  boot: 'bootboot',
  version: 1,
  createdAt: 1_800_000_000_000,
  touchedAt: 1_800_000_000_000,
  issuedAt: 1_800_000_000_000,
  lifetime: undefined,
  pendingFrom: undefined,
}

/** RFC 5869, worked out here a second time. */
function derive(what: string, secret: string, cookie: string, bytes: number): string {
  return Buffer.from(hkdfSync('sha256', secret, '', `limpet 2 ${what} ${cookie}`, bytes)).toString('base64url')
}

/** cookie-signature writes plain base64. */
function urlSafe(signed: string): string {
  return signed.replaceAll('+', '-').replaceAll('/', '_')
}

describe('the keyring', () => {
  it('accepts what it signed', () => {
    const keyring = createKeyring([NEW], 'limpet')
    expect(keyring.verify(keyring.sign(TOKEN))).toEqual({ kind: 'token', token: TOKEN, retiredKey: false })
  })

  it('signs HMAC-SHA256, in base64url, with a key that HKDF derives from the secret and the cookie name', () => {
    const keyring = createKeyring([NEW], 'limpet')
    const key = derive('key', NEW, 'limpet', 32)
    let digits = ''
    for (let version = 0; version < 50; version++) {
      const text = encodeToken({ ...TOKEN, version }, derive('key id', NEW, 'limpet', 3))
      const signature = createHmac('sha256', key).update(text).digest('base64url')
      expect(keyring.sign({ ...TOKEN, version })).toBe(`${text}.${signature}`)
      digits += signature
    }
    // Both of the two digits in which the alphabets differ have been among them.
    expect(digits).toMatch(/-.*_|_.*-/)
  })

  it('does not sign with the secret itself', () => {
    const text = encodeToken(TOKEN, derive('key id', NEW, 'limpet', 3))
    const verdict = createKeyring([NEW], 'limpet').verify(urlSafe(signWith(text, NEW)))
    expect(verdict).toEqual({ kind: 'bad', reason: 'bad-signature' })
  })

  it('signs with the first secret and verifies with all', () => {
    const before = createKeyring([OLD], 'limpet')
    const after = createKeyring([NEW, OLD], 'limpet')
    expect(after.verify(before.sign(TOKEN))).toMatchObject({ kind: 'token', retiredKey: true })
    expect(after.verify(after.sign(TOKEN))).toMatchObject({ kind: 'token', retiredKey: false })
    expect(createKeyring([NEW], 'limpet').verify(after.sign(TOKEN))).toMatchObject({ kind: 'token' })
  })

  it('does not know a secret that was taken out', () => {
    const verdict = createKeyring([NEW], 'limpet').verify(createKeyring([OLD], 'limpet').sign(TOKEN))
    expect(verdict).toEqual({ kind: 'bad', reason: 'unknown-key' })
  })

  it('retires no key because its secret stands in the list twice', () => {
    const keyring = createKeyring([NEW, NEW], 'limpet')
    expect(keyring.verify(keyring.sign(TOKEN))).toMatchObject({ kind: 'token', retiredKey: false })
  })

  it('does not accept the token of another cookie, even under its own key id', () => {
    const keyring = createKeyring([NEW], 'limpet')
    const foreign = createKeyring([NEW], 'other').sign(TOKEN)
    expect(keyring.verify(foreign)).toEqual({ kind: 'bad', reason: 'unknown-key' })
    const ownId = derive('key id', NEW, 'limpet', 3)
    const disguised = `2${ownId}${foreign.slice(5)}`
    expect(keyring.verify(disguised)).toEqual({ kind: 'bad', reason: 'bad-signature' })
    const resigned = urlSafe(signWith(encodeToken(TOKEN, ownId), derive('key', NEW, 'other', 32)))
    expect(keyring.verify(resigned)).toEqual({ kind: 'bad', reason: 'bad-signature' })
  })

  it('accepts what cookie-signature signed with the same key', () => {
    const text = encodeToken(TOKEN, derive('key id', NEW, 'limpet', 3))
    const value = urlSafe(signWith(text, derive('key', NEW, 'limpet', 32)))
    expect(createKeyring([NEW], 'limpet').verify(value)).toMatchObject({ kind: 'token', token: TOKEN })
  })

  it('calls what is no token malformed, before any key is looked at', () => {
    const keyring = createKeyring([NEW], 'limpet')
    for (const value of ['', 'x', 'a.b.c', 'é'.repeat(100), 'A'.repeat(8192)]) {
      expect(keyring.verify(value)).toEqual({ kind: 'bad', reason: 'malformed' })
    }
  })

  it('needs a secret', () => {
    expect(() => createKeyring([], 'limpet')).toThrow(TypeError)
  })
})
