import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { merge, mergeRules, same } from '../../../src/drop-in/merge.ts'

const RULES = mergeRules(['views', 'stats.clicks'])
const merged = (base: unknown, mine: unknown, theirs: unknown, key = 'k') => merge(key, base, mine, theirs, RULES)

const CASES: readonly [string, unknown, unknown, unknown, unknown, (readonly string[])?, string?][] = [
  ['only I changed it', 1, 2, 1, 2],
  ['only they changed it', 1, 1, 2, 2],
  ['equal changes are one', { a: 1 }, { a: 2 }, { a: 2 }, { a: 2 }],
  ['objects go by property', { a: 1, b: 1 }, { a: 2, b: 1 }, { a: 1, b: 2 }, { a: 2, b: 2 }],
  ['objects in objects', { a: { x: 1 } }, { a: { x: 1, y: 2 } }, { a: { x: 1, z: 3 } }, { a: { x: 1, z: 3, y: 2 } }],
  ['both began an object', undefined, { a: 1 }, { b: 2 }, { b: 2, a: 1 }],
  ['both appended', ['a'], ['a', 'mine'], ['a', 'theirs'], ['a', 'theirs', 'mine']],
  ['both began a list', undefined, ['mine'], ['theirs'], ['theirs', 'mine']],
  ['lists of objects', [{ a: 1 }], [{ a: 1 }, 2], [{ a: 1 }, 3], [{ a: 1 }, 3, 2]],
  ['an entry was taken out: the later list', ['a', 'b'], ['a'], ['a', 'b', 'c'], ['a'], ['k']],
  ['mine deleted, theirs changed', 1, undefined, 2, undefined],
  ['theirs deleted, mine changed', 1, 2, undefined, undefined],
  ['a property deleted by one, changed by the other', { a: 1, b: 1 }, { b: 1 }, { a: 2, b: 1 }, { b: 1 }],
  ['both changed a text: the later one', 'a', 'b', 'c', 'b', ['k']],
  ['deep down, too', { a: { b: 1 } }, { a: { b: 2 } }, { a: { b: 3 } }, { a: { b: 2 } }, ['k.a.b']],
  ['another kind of value', { a: 1 }, [1], { a: 2 }, [1], ['k']],
  ['null is a value', { a: 1 }, null, { a: 2 }, null, ['k']],
  ['a number that is no counter', 5, 6, 7, 6, ['k']],
  ['a counter adds up', 5, 6, 8, 9, [], 'views'],
  ['a counter that both raised alike', 5, 6, 6, 7, [], 'views'],
  ['a counter that both began', undefined, 1, 1, 2, [], 'views'],
  ['a counter in an object', { clicks: 1 }, { clicks: 2 }, { clicks: 2 }, { clicks: 3 }, [], 'stats'],
  ['a token against forgery never merges', undefined, { secret: 1 }, { salt: 2 }, { secret: 1 }, ['csrf'], 'csrf'],
  ['nor does a nonce in an object', { a: 1 }, { nonce: ['x'] }, { nonce: ['y'] }, { nonce: ['x'] }, ['k.nonce']],
  ['nor one login attempt with another', undefined, { v: 1 }, { s: 2 }, { v: 1 }, ['oauth2:host'], 'oauth2:host'],
  [
    'a property named __proto__',
    JSON.parse('{}'),
    JSON.parse('{"__proto__":1}'),
    { a: 1 },
    JSON.parse('{"a":1,"__proto__":1}'),
  ],
]

describe('merge', () => {
  it.each(CASES)('%s', (_name, base, mine, theirs, value, clashes = [], key = 'k') => {
    expect(JSON.stringify(merged(base, mine, theirs, key))).toBe(JSON.stringify({ value, clashes }))
  })

  it('is theirs where I changed nothing, and mine where they did not, whatever that is', () => {
    const json = fc.jsonValue({ maxDepth: 3 })
    fc.assert(
      fc.property(json, json, (base, changed) => {
        expect(same(merged(base, base, changed).value, changed)).toBe(true)
        expect(same(merged(base, changed, base).value, changed)).toBe(true)
      }),
    )
  })

  it('keeps the appends of many, in whatever order they are merged', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.uniqueArray(fc.nat(), { minLength: 2 }), (base, items) => {
        const stored = items.reduce<unknown>((theirs, item) => merged(base, [...base, item], theirs).value, base)
        expect(stored).toEqual([...base, ...items])
      }),
    )
  })

  it('changes none of what it is given', () => {
    const given = [
      { a: [1], b: { c: 1 } },
      { a: [1, 2], b: { c: 2 } },
      { a: [1, 3], b: { d: 1, c: 1 } },
    ] as const
    const before = JSON.stringify(given)
    merged(...given)
    expect(JSON.stringify(given)).toBe(before)
  })
})
