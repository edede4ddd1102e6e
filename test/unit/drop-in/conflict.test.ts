import { describe, expect, it } from 'vitest'
import { readConflict } from '../../../src/drop-in/conflict.ts'

const text = (value: unknown) => (value === undefined ? undefined : JSON.stringify(value))

function settled(option: unknown, key: string, base: unknown, mine: unknown, theirs: unknown): unknown {
  const { text: made } = readConflict(option)(key, text(base), text(mine), text(theirs))
  return made === undefined ? undefined : JSON.parse(made)
}

describe('conflict', () => {
  it("merges by default, and with 'merge'", () => {
    for (const option of [undefined, 'merge', {}]) expect(settled(option, 'k', [], [1], [2])).toEqual([2, 1])
  })

  it("'last' takes the later one whole", () => {
    expect(settled('last', 'k', [], [1], [2])).toEqual([1])
  })

  it("'reject' fails with 409, but not where both did the same", () => {
    expect(() => settled('reject', 'k', [], [1], [2])).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_CONFLICT', status: 409 }),
    )
    expect(settled('reject', 'k', [], [1], [1])).toEqual([1])
  })

  it('a function decides, and undefined removes the key', () => {
    const most = (_key: string, _base: unknown, mine: unknown, theirs: unknown) =>
      Math.max(Number(mine), Number(theirs))
    expect(settled(most, 'k', 1, 2, 3)).toBe(3)
    expect(settled(() => undefined, 'k', 1, 2, 3)).toBeUndefined()
  })

  it('names single keys, counters, and what holds for all others', () => {
    const option = { default: 'last', counters: ['views'], keys: { cart: 'merge', views: 'merge', draft: 'reject' } }
    expect(settled(option, 'other', [], [1], [2])).toEqual([1])
    expect(settled(option, 'cart', [], [1], [2])).toEqual([2, 1])
    expect(settled(option, 'views', 1, 2, 2)).toBe(3)
    expect(() => settled(option, 'draft', 1, 2, 3)).toThrow(/'draft'/)
  })

  it.each([
    ['first', /'merge', 'last', 'reject'/],
    [{ defualt: 'last' }, /did you mean "default"/],
    [{ counters: 'views' }, /list of keys/],
    [{ keys: { a: 1 } }, /conflict\.keys\.a/],
    [null, /null/],
  ])('%j is refused', (option, words) => {
    expect(() => readConflict(option)).toThrow(expect.objectContaining({ message: expect.stringMatching(words) }))
  })
})
