import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { checkKey, decodeValue, encodeEntries, encodeValue, entryBytes } from '../../../src/core/json.ts'

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

class Money {
  constructor(readonly cents: number) {}

  text(): string {
    return `${this.cents / 100}`
  }
}

class Price extends Money {
  toJSON() {
    return { cents: this.cents }
  }
}

class Stack extends Array<number> {}

function* count() {
  yield 1
}

/** `arguments` looks like a literal, and would become {"0": 1}. */
function given(..._: unknown[]): unknown {
  // biome-ignore lint/complexity/noArguments: it is what is tested
  return arguments
}

const named = Object.assign([1], { total: 1 })
const hidden = Object.defineProperty({ a: 1 }, Symbol('hidden'), { value: 1 })

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
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['literals of another realm', runInNewContext('({ a: [{ b: 1 }, []] })')],
    ['what stands in two places', ((one) => [one, one])({ a: 1 })],
    ['an empty list and an empty object', { list: [], object: {} }],
    ['a symbol key that is hidden', hidden],
    ['a member called then, which is no function', JSON.parse('{"then":1}')],
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

  it.each([
    ['a Date inside', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a URL', new URL('http://example.com/a'), 'http://example.com/a'],
    ['an instance whose class has a toJSON()', [new Price(150)], [{ cents: 150 }]],
    ['a function that has a toJSON()', Object.assign(() => 1, { toJSON: () => 'f' }), 'f'],
    ['a toJSON() that returns null', { toJSON: () => null }, null],
  ])("a toJSON()'s word counts: %s", (_, value, back) => {
    expect(decodeValue(encodeValue('key', value))).toEqual(back)
  })

  it('-0 is 0, alone and inside', () => {
    expect(encodeValue('key', -0)).toBe('0')
    expect(encodeValue('key', [-0])).toBe('[0]')
  })

  it('a property that is undefined is no property', () => {
    expect(encodeValue('key', { a: 1, b: undefined })).toBe('{"a":1}')
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
    ['a Map', new Map([['a', 1]]), /a Map would not come back as one; spread it into an array or an object$/],
    ['a Set inside', { tags: new Set(['a']) }, /'tags', a Set would not.*spread it/],
    ['a Set in a list', [new Set(['a'])], /'0', a Set would not/],
    ['a Map of another realm', runInNewContext('new Map()'), /a Map would not/],
    ['a WeakMap', { seen: new WeakMap() }, /'seen', a WeakMap would not.*copy what you need of it/],
    ['a RegExp', { filter: /a/i }, /'filter', a RegExp would not.*store its source/],
    ['an Error', { why: new TypeError('no') }, /'why', a TypeError would not.*store what you need of it.*message/],
    ['a typed array', new Uint8Array([1]), /a Uint8Array would not.*toString\('base64'\)/],
    ['another typed array', [new Float64Array(1)], /'0', a Float64Array would not/],
    ['a Buffer', { key: Buffer.from('a') }, /'key', a Buffer would not.*toString\('base64'\)/],
    ['an ArrayBuffer', new ArrayBuffer(1), /an ArrayBuffer would not.*toString\('base64'\)/],
    ['a DataView', new DataView(new ArrayBuffer(1)), /a DataView would not.*toString\('base64'\)/],
    ['a Blob', new Blob(['a']), /a Blob would not.*await it\.arrayBuffer\(\)/],
    ['Headers', new Headers({ a: 'b' }), /a Headers would not.*spread it/],
    ['URLSearchParams', { query: new URLSearchParams('a=b') }, /'query', a URLSearchParams would not.*spread it/],
    ['a generator', count(), /a Generator would not.*spread it/],
    // Since Node 22 `Iterator` is a class, and the array's own one has no name beside it.
    ['an iterator', [1].values(), /an (Array )?Iterator would not.*spread it/],
    ['arguments', given(1), /an Arguments would not.*spread it/],
    ['a namespace of the language', Math, /a Math would not/],
    ['an instance', new Money(150), /a Money would not.*\{ \.\.\.it \}, or give its class a toJSON\(\)/],
    ['an instance inside', { sum: [new Money(150)] }, /'0', a Money would not/],
    ['an instance of no named class', new (class {})(), /an object with a prototype of its own would not/],
    ['what inherits its members', Object.create({ a: 1 }), /an object with a prototype of its own would not/],
    ['a list of a class of its own', new Stack(1, 2), /a Stack would not.*spread it/],
    ['a boxed number', new Number(Number.NaN), /a Number would not.*valueOf/],
    ['a boxed string', { name: new String('ada') }, /'name', a String would not.*valueOf/],
    ['an invalid Date', new Date(Number.NaN), /an invalid Date would become null/],
    ['an invalid Date inside', { at: new Date('soon') }, /'at', an invalid Date would become null/],
    ['a toJSON() that returns undefined', { toJSON: () => undefined }, /its toJSON\(\) returns undefined$/],
    ['the same inside', { a: { toJSON: () => undefined } }, /'a', its toJSON\(\) returns undefined$/],
    ['the same in a list', [{ toJSON: () => undefined }], /'0', its toJSON\(\) returns undefined$/],
    ['a toJSON() that returns a Map', { toJSON: () => new Map() }, /a Map would not/],
    ['a function inside', { total: () => 1 }, /'total', JSON has no function; leave it out$/],
    ['a method', { cart: { total() {} } }, /'total', JSON has no function/],
    ['a symbol inside', { kind: Symbol('x') }, /'kind', JSON has no symbol; leave it out$/],
    ['a symbol as key', { a: { [Symbol('kind')]: 1 } }, /'a', the key Symbol\(kind\) would be left out/],
    ['a symbol as key of a list', Object.assign([1], { [Symbol('kind')]: 1 }), /the key Symbol\(kind\) would be/],
    ['a list with a property', named, /an array would lose its property 'total'/],
    ['what match() returns', { match: 'abc'.match(/b/) }, /'match', an array would lose its property '\w+'/],
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
      /its toJSON\(\) failed with Error$/,
    ],
    ['a promise that somebody forgot to await', Promise.resolve([1]), /a Promise would not.*await it first$/],
    ['the same inside', { rows: Promise.resolve([1]) }, /'rows', a Promise would not.*await it first$/],
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    ['a query that is a promise when awaited', { rows: { then() {} } }, /'then', JSON has no function; await/],
    [
      'the same as an instance',
      new (class Query {
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
        then() {}
      })(),
      /a Query would not.*await it first$/,
    ],
  ])('%s', (_, value, message) => {
    expect(() => encodeValue('cart', value)).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_VALUE', message: expect.stringMatching(message) }),
    )
  })

  it('says what a cycle is', () => {
    expect(() => encodeValue('cart', cyclic)).toThrow(/refers to itself \(a circular structure\)$/)
  })

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['what has no text', Object.create(null)],
    ['a symbol', Symbol('x')],
    ['an error whose message is none', Object.assign(new Error(), { message: 1 })],
    ['an error whose name is none', Object.assign(new Error(), { name: 'a\nb' })],
  ])('whatever a toJSON() throws, it is one of our errors: %s', (_, thrown) => {
    const toJSON = () => {
      throw thrown
    }
    expect(() => encodeValue('cart', { toJSON })).toThrow(
      expect.objectContaining({
        code: 'ERR_LIMPET_VALUE',
        message: expect.stringMatching(/^.*its toJSON\(\) failed(?: with Error)?$/),
      }),
    )
  })

  it('hands on no error as its cause: it may quote the value (law 10)', () => {
    const toJSON = () => {
      throw new Error('not with the card 4111')
    }
    for (const value of [cyclic, { sum: Number.NaN }, undefined, { toJSON }]) {
      expect(() => encodeValue('cart', value)).toThrow(expect.not.objectContaining({ cause: expect.anything() }))
    }
  })

  it('does not print a key of a megabyte', () => {
    const refuse = () => encodeValue('k'.repeat(1_000_000), undefined)
    expect(refuse).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,200}$/) }))
    const inside = () => encodeValue('cart', { ['k'.repeat(1_000_000)]: Number.NaN })
    expect(inside).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,200}$/) }))
    const thrown = {
      toJSON() {
        throw new Error('e'.repeat(1_000_000))
      },
    }
    expect(() => encodeValue('cart', thrown)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/) }),
    )
  })

  it('that somebody has taught BigInt a toJSON() is respected', () => {
    const taught = BigInt.prototype as { toJSON?: () => string }
    taught.toJSON = function (this: bigint) {
      return this.toString()
    }
    try {
      expect(encodeValue('key', { id: 1n })).toBe('{"id":"1"}')
    } finally {
      delete taught.toJSON
    }
  })
})

describe('what somebody else has chosen never stands raw in an error', () => {
  // A line of its own in a log, an order to the terminal, and a right-to-left override.
  const evil = 'a\r\n\u001b[31mERROR\u202e\u2028\u0000\u0085'
  const escaped = 'a\\r\\n\\x1b[31mERROR\\u202e\\u2028\\x00\\x85'
  const thrower = {
    toJSON() {
      throw new Error(evil)
    },
  }
  const tagged = Object.defineProperty(Object.create({}), Symbol.toStringTag, { value: evil, enumerable: false })
  const named = new (Object.defineProperty(class {}, 'name', { value: evil }))()
  const circle: Record<string, unknown> = {}
  circle[evil] = circle

  it.each<[what: string, refuse: () => unknown]>([
    ['a key', () => encodeValue(evil, Number.NaN)],
    ['a key without a value', () => encodeValue(evil, undefined)],
    ['a key among several', () => encodeEntries({ [evil]: () => 1 }, undefined)],
    ['a property', () => encodeValue('key', { [evil]: Number.NaN })],
    ['a property of a list', () => encodeValue('key', Object.assign([1], { [evil]: 1 }))],
    ['a symbol', () => encodeValue('key', { a: { [Symbol(evil)]: 1 } })],
    ["a class's name", () => encodeValue('key', named)],
    ['a tag', () => encodeValue('key', tagged)],
  ])('%s', (_, refuse) => {
    const error = failure(refuse)
    expect(error).toMatchObject({ code: 'ERR_LIMPET_VALUE', message: expect.stringContaining(escaped) })
    expect(inspect(error)).not.toContain('ERROR\u202e')
  })

  it.each([
    ["a toJSON()'s error", thrower, /its toJSON\(\) failed with Error/],
    ['a cycle', circle, /refers to itself/],
  ])('%s does not stand there at all', (_, value, says) => {
    const error = failure(() => encodeValue('key', value))
    expect(error.message).toMatch(says)
    expect(inspect(error, { showHidden: true })).not.toContain('31mERROR')
  })

  it('a stored text that is no JSON: the error quotes nothing of it', () => {
    const error = failure(() => decodeValue('{"card": 4111-1111'))
    expect(error).toMatchObject({ code: 'ERR_LIMPET_STORE', applied: false, outage: false, status: 503 })
    expect(inspect(error)).not.toMatch(/4111|card/)
  })
})

function failure(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it did not throw')
}

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
