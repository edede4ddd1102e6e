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
const milliseconds = fc.integer({ min: 0, max: 36 ** 9 - 1 })
const anyToken: fc.Arbitrary<Token> = fc
  .record({
    id: word(24, 24),
    owner: word(1, 64),
    boot: word(8, 8),
    version: fc.maxSafeNat(),
    createdAt: milliseconds,
    touchedAt: milliseconds,
    issuedAt: milliseconds,
    lifetime: fc.option(milliseconds, { nil: undefined }),
    pendingFrom: fc.option(word(22, 22), { nil: undefined }),
  })
  // Where a session moves, both ids begin alike.
  .map(({ pendingFrom: rest, ...token }) => ({
    ...token,
    pendingFrom: rest === undefined ? undefined : token.id.slice(0, 2) + rest,
  }))

const SOME: Token = {
  id: 'A'.repeat(24),
  owner: 'web1',
  boot: 'bootboot',
  version: 9,
  createdAt: 1,
  touchedAt: 2,
  issuedAt: 3,
  lifetime: 4,
  pendingFrom: `AA${'B'.repeat(22)}`,
}

describe('tokens (law 2)', () => {
  it('any id, owner, boot, version, times and extras come back as they were signed', () => {
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
    const value = keyring.sign(SOME)
    for (let index = 0; index < value.length; index++) {
      for (const other of ['A', 'B', '0', '1', 'z', '.', '-', '_', '+', '/']) {
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
    const good = keyring.sign(SOME)
    const nearly = fc.tuple(fc.nat(good.length - 1), fc.string()).map(([at, text]) => good.slice(0, at) + text)
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearly), (value) => {
        decodeToken(value)
        expect(keyring.verify(value).kind).toBe('bad')
      }),
    )
  })
})

describe('a token on its way', () => {
  const unchanged: readonly [how: string, (value: string) => string][] = [
    ['percent-encoding', (value) => encodeURIComponent(value)],
    ['percent-decoding', (value) => decodeURIComponent(value)],
    ['encoding of a whole address', (value) => encodeURI(value)],
    ['a form', (value) => new URLSearchParams({ token: value }).toString().slice('token='.length)],
    ['form-decoding', (value) => new URLSearchParams(`token=${value}`).get('token') ?? ''],
    ['a query', (value) => new URL(`http://example.com/?token=${value}`).searchParams.get('token') ?? ''],
    ['a path', (value) => new URL(`http://example.com/${value}/x`).pathname.slice(1, -2)],
    ['JSON', (value) => JSON.stringify(value).slice(1, -1)],
    ['quotes around it', (value) => cookieValues(`limpet="${value}"`, 'limpet')[0] ?? ''],
    ['spaces around it', (value) => cookieValues(`a=b;  limpet= ${value} ; c=d`, 'limpet')[0] ?? ''],
    ['Latin-1', (value) => Buffer.from(value, 'latin1').toString('utf8')],
  ]

  it.each(unchanged)('%s leaves it as it is', (_, carry) => {
    fc.assert(
      fc.property(anyToken, (any) => {
        const value = keyring.sign(any)
        expect(carry(value)).toBe(value)
      }),
    )
  })

  it('is made of cookie-octets (RFC 6265 section 4.1.1), so it needs no quotes', () => {
    fc.assert(
      fc.property(anyToken, (any) => {
        expect(keyring.sign(any)).toMatch(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/)
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
        expect(() => cookieValues(text, name)).not.toThrow()
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
