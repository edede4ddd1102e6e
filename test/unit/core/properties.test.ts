import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cookieValues } from '../../../src/core/cookie.ts'
import { decodeValue, encodeValue } from '../../../src/core/json.ts'
import { createKeyring } from '../../../src/core/keyring.ts'
import { sharedCacheMayReuse } from '../../../src/core/shared-cache.ts'
import { decodeToken, type Token } from '../../../src/core/token.ts'

const keyring = createKeyring(['a secret of the tests, 32 bytes or more'], 'limpet')

const BASE64URL = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
const letter = fc.constantFrom(...BASE64URL)
const word = (minLength: number, maxLength: number) => fc.string({ unit: letter, minLength, maxLength })
const seconds = fc.integer({ min: 0, max: 36 ** 7 - 1 })
const anyToken: fc.Arbitrary<Token> = fc.record({
  id: word(24, 24),
  owner: word(1, 64),
  version: fc.integer({ min: 0, max: 36 ** 10 - 1 }),
  createdAt: seconds,
  storedAt: seconds,
  issuedAt: seconds,
})

describe('tokens', () => {
  it('any id, owner, version and times come back as they were signed', () => {
    fc.assert(
      fc.property(anyToken, (any) => {
        expect(keyring.verify(keyring.sign(any))).toEqual({ kind: 'token', token: any, retiredKey: false })
      }),
    )
  })

  it('any changed character is rejected, wherever it stands', () => {
    fc.assert(
      fc.property(
        anyToken,
        fc.nat(),
        fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
        (any, at, other) => {
          const value = keyring.sign(any)
          const index = at % value.length
          fc.pre(value[index] !== other)
          const changed = value.slice(0, index) + other + value.slice(index + 1)
          expect(keyring.verify(changed).kind).toBe('bad')
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('every single character of one value, changed within its alphabet, is rejected', () => {
    const value = keyring.sign({
      id: 'A'.repeat(24),
      owner: 'web1',
      version: 9,
      createdAt: 1,
      storedAt: 2,
      issuedAt: 3,
    })
    for (let index = 0; index < value.length; index++) {
      for (const other of ['A', 'B', '0', '1', 'z', '.', '+']) {
        if (value[index] === other) continue
        expect(keyring.verify(value.slice(0, index) + other + value.slice(index + 1)).kind).toBe('bad')
      }
    }
  })

  it('a value with something cut off or added is rejected', () => {
    fc.assert(
      fc.property(anyToken, fc.nat(), word(1, 5), (any, at, more) => {
        const value = keyring.sign(any)
        expect(keyring.verify(value.slice(0, at % value.length)).kind).toBe('bad')
        expect(keyring.verify(value.slice((at % value.length) + 1)).kind).toBe('bad')
        expect(keyring.verify(value + more).kind).toBe('bad')
        expect(keyring.verify(more + value).kind).toBe('bad')
      }),
    )
  })

  it('two halves of two good values are rejected', () => {
    fc.assert(
      fc.property(anyToken, anyToken, fc.nat(), (one, other, at) => {
        const [a, b] = [keyring.sign(one), keyring.sign(other)]
        const mixed = a.slice(0, at % a.length) + b.slice(at % a.length)
        fc.pre(mixed !== a && mixed !== b)
        expect(keyring.verify(mixed).kind).toBe('bad')
      }),
    )
  })

  it('reading never throws, for any string', () => {
    const good = keyring.sign({ id: 'A'.repeat(24), owner: 'web1', version: 9, createdAt: 1, storedAt: 2, issuedAt: 3 })
    const nearly = fc.tuple(fc.nat(good.length - 1), fc.string()).map(([at, text]) => good.slice(0, at) + text)
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearly), (value) => {
        decodeToken(value)
        expect(keyring.verify(value).kind).toBe('bad')
      }),
    )
  })
})

describe('Cookie headers', () => {
  const piece = fc.constantFrom('limpet', 'limpet=', 'x', '=', ';', ' ', '\t', '"', '; ', 'limpet=v', 'a=b', 'é', '%')
  const header = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''))

  /** What the scanner has to find, said as simply as it can be. */
  function naive(text: string): string[] {
    return text
      .split(';')
      .map((pair) => pair.replace(/^[ \t]+/, ''))
      .filter((pair) => pair.startsWith('limpet='))
      .map((pair) => pair.slice('limpet='.length).trim())
      .map((value) => /^"(.*)"$/s.exec(value)?.[1] ?? value)
      .slice(0, 8)
  }

  it('give the same values as the simplest parser one can write', () => {
    fc.assert(
      fc.property(fc.oneof(header, fc.string()), (text) => {
        expect(cookieValues(text, 'limpet')).toEqual(naive(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('of any length and content never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ minLength: 1 }), (text, name) => {
        expect(cookieValues(text, name).length).toBeLessThanOrEqual(8)
      }),
    )
  })
})

describe('Cache-Control', () => {
  it('never throws, and no-store always wins', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (text, targeted) => {
        expect(typeof sharedCacheMayReuse(text, targeted)).toBe('boolean')
        expect(sharedCacheMayReuse(`no-store, ${text}`, undefined)).toBe(false)
      }),
    )
  })
})

describe('values', () => {
  it('any JSON comes back equal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(decodeValue(encodeValue('key', value)))).toBe(JSON.stringify(value))
      }),
    )
  })
})
