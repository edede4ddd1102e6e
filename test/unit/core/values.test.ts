import { describe, expect, it } from 'vitest'
import { checkKey, decodeValue, encodeValue, entryBytes } from '../../../src/core/values.ts'

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

describe('values that JSON carries come back equal', () => {
  it.each([
    ['a string', 'text'],
    ['an empty string', ''],
    ['half a surrogate pair', '\ud800 alone, and \udc00'],
    ['NUL and line separators', '\u0000\u2028\u2029'],
    ['a number', 1.5],
    ['zero', 0],
    ['null', null],
    ['false', false],
    ['a list', [1, 'two', [3], null]],
    ['an object', { a: { b: 1 }, ü: 'é' }],
    ['a member called __proto__', JSON.parse('{"__proto__":{"admin":true},"constructor":1}')],
  ])('%s', (_, value) => {
    const back = decodeValue(encodeValue('key', value))
    expect(back).toEqual(value)
    expect(JSON.stringify(back)).toBe(JSON.stringify(value))
  })

  it('a member called __proto__ stays a member, and changes no prototype', () => {
    const back = decodeValue(encodeValue('key', JSON.parse('{"__proto__":{"admin":true}}'))) as { admin?: boolean }
    expect(back.admin).toBeUndefined()
    expect(Object.keys(back)).toEqual(['__proto__'])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('a Date becomes its text, as JSON says', () => {
    expect(decodeValue(encodeValue('at', new Date(0)))).toBe('1970-01-01T00:00:00.000Z')
  })

  it('what is absent is undefined', () => {
    expect(decodeValue(undefined)).toBeUndefined()
  })
})

describe('values that would come back as something else are refused, with the key and the cure', () => {
  it.each([
    ['undefined', undefined, /'cart'.*session\.delete/],
    ['a function', () => 1, /no function/],
    ['a symbol', Symbol('x'), /no symbol/],
    ['NaN', Number.NaN, /NaN would become null/],
    ['Infinity', Number.POSITIVE_INFINITY, /Infinity would become null/],
    ['NaN deep inside', { a: [{ price: Number.NaN }] }, /'price'.*NaN/],
    ['a Map', new Map([['a', 1]]), /a Map would become \{\}/],
    ['a Set inside', { tags: new Set(['a']) }, /'tags'.*a Set/],
    ['a BigInt', 1n, /BigInt/],
    ['a BigInt inside', { id: 1n }, /BigInt/],
    ['a cycle', cyclic, /circular/i],
    ['undefined in a list', [1, undefined], /undefined in an array/],
    ['a function in a list', [() => 1], /function in an array/],
    [
      'a toJSON that throws',
      {
        toJSON() {
          throw new Error('not today')
        },
      },
      /not today/,
    ],
    ['a promise that somebody forgot to await', Promise.resolve([1]), /await/i],
  ])('%s', (_, value, message) => {
    expect(() => encodeValue('cart', value)).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_VALUE', message: expect.stringMatching(message) }),
    )
  })

  it('does not print a key of a megabyte', () => {
    const refuse = () => encodeValue('k'.repeat(1_000_000), undefined)
    expect(refuse).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,200}$/) }))
  })
})

describe('keys', () => {
  it.each(['cart', '', '__proto__', 'constructor', 'ü', 'a b', ':', '😀', 'x'.repeat(1000)])('%s is one', (key) => {
    expect(() => checkKey(key)).not.toThrow()
  })

  it.each([
    ['a number', 1],
    ['undefined', undefined],
    ['null', null],
    ['a symbol', Symbol('x')],
    ['an object', {}],
    ['the first half of a surrogate pair', 'a\ud800'],
    ['the second half', '\udc00a'],
  ])('%s is none', (_, key) => {
    expect(() => checkKey(key)).toThrow(expect.objectContaining({ code: 'ERR_LIMPET_KEY' }))
  })
})

describe('size', () => {
  it('counts UTF-8 bytes of key and JSON text', () => {
    expect(entryBytes('a', '"b"')).toBe(4)
    expect(entryBytes('ü', '"😀"')).toBe(2 + 6)
  })
})
