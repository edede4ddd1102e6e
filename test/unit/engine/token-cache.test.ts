import { describe, expect, it, vi } from 'vitest'
import { readCookie } from '../../../src/config/cookie-options.ts'
import { createCookieWriter } from '../../../src/core/cookie.ts'
import { createKeyring } from '../../../src/core/keyring.ts'
import type { Limits } from '../../../src/core/lifetime.ts'
import type { Token } from '../../../src/core/token.ts'
import { TokenCache } from '../../../src/engine/process/token-cache.ts'

const NOW = 1_800_000_000_000
const HOUR = 3_600_000
const TOKEN: Token = {
  id: 'AAAAAAAAAAAAAAAAAAAAAAAA',
  owner: 'web1',
  boot: 'bootboot',
  version: 1,
  createdAt: NOW,
  touchedAt: NOW,
  issuedAt: NOW,
  lifetime: undefined,
  pendingFrom: undefined,
}

function tokens(limits: Limits = { idle: HOUR, absolute: undefined }, remembered?: number) {
  const keyring = createKeyring(['a secret of the tests, 32 bytes or more'], 'limpet')
  const writer = createCookieWriter(readCookie({}))
  return {
    keyring: { sign: vi.spyOn(keyring, 'sign'), verify: vi.spyOn(keyring, 'verify') },
    writer: vi.spyOn(writer, 'write'),
    tokens: new TokenCache(keyring, writer, limits, remembered),
  }
}

describe('tokens that were found good', () => {
  it('are not checked again, whether signed or verified here', () => {
    const { keyring, tokens: here } = tokens()
    const { tokens: there } = tokens()
    const mine = here.sign(TOKEN)
    expect(here.verify(mine.value)).toBe(mine)
    const theirs = there.sign({ ...TOKEN, owner: 'web2' })
    expect(here.verify(theirs.value)).toMatchObject({ kind: 'token', token: theirs.token, retiredKey: false })
    here.verify(theirs.value)
    expect(keyring.verify).toHaveBeenCalledTimes(1)
  })

  it('are found without a check by who asks for those alone', () => {
    const { keyring, tokens: here } = tokens()
    const mine = here.sign(TOKEN)
    expect(here.known(mine.value)).toBe(mine)
    expect(here.known(tokens().tokens.sign({ ...TOKEN, owner: 'web2' }).value)).toBeUndefined()
    expect(keyring.verify).not.toHaveBeenCalled()
  })

  it('are forgotten beyond a bound, the oldest first, and then checked again', () => {
    const { keyring, tokens: here } = tokens(undefined, 2)
    const values = ['a', 'b', 'c'].map((owner) => here.sign({ ...TOKEN, owner }).value)
    for (const value of values.slice(1)) here.verify(value)
    expect(keyring.verify).toHaveBeenCalledTimes(0)
    expect(here.verify(values[0] ?? '')).toMatchObject({ kind: 'token', token: { owner: 'a' } })
    expect(keyring.verify).toHaveBeenCalledTimes(1)
  })

  it('and bad ones are: nobody can fill the memory with them', () => {
    const { keyring, tokens: here } = tokens()
    const value = `${here.sign(TOKEN).value.slice(0, -43)}${'A'.repeat(43)}`
    expect(here.verify(value)).toEqual({ kind: 'bad', reason: 'bad-signature' })
    expect(here.verify(value)).toEqual({ kind: 'bad', reason: 'bad-signature' })
    expect(keyring.verify).toHaveBeenCalledTimes(2)
  })
})

describe('the header of a token', () => {
  it('is put together once, and again for the other kind of connection', () => {
    const { tokens: here, writer } = tokens()
    const signed = here.sign(TOKEN)
    const plain = here.header(signed, false)
    expect(here.header(signed, false)).toBe(plain)
    expect(writer).toHaveBeenCalledTimes(1)
    expect(plain).not.toContain('Secure')
    expect(here.header(signed, true)).toContain('; Secure')
    expect(here.header(signed, false)).toBe(plain)
  })

  it.each([
    { limits: { idle: HOUR, absolute: undefined }, age: 0, maxAge: 3600 },
    { limits: { idle: HOUR, absolute: 2 * HOUR }, age: 0, maxAge: 3600 },
    { limits: { idle: HOUR, absolute: 2 * HOUR }, age: 5_000_000, maxAge: 2200 },
    { limits: { idle: HOUR, absolute: 2 * HOUR }, age: 2 * HOUR + 1, maxAge: 1 },
    { limits: { idle: 1500, absolute: undefined }, age: 0, maxAge: 2 },
  ])('lives $maxAge s: $limits, age $age', ({ limits, age, maxAge }) => {
    const { tokens: here } = tokens(limits)
    expect(here.header(here.sign({ ...TOKEN, issuedAt: NOW + age }), false)).toContain(`; Max-Age=${maxAge};`)
  })

  it('lives as long as the session of its own lifetime', () => {
    const { tokens: here } = tokens()
    expect(here.header(here.sign({ ...TOKEN, lifetime: 30 * 24 * HOUR }), false)).toContain('; Max-Age=2592000;')
  })
})
