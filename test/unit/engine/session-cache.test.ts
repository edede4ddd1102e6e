import { describe, expect, it } from 'vitest'
import { Copies } from '../../../src/engine/copies.ts'

const LIMITS = { max: 3, maxBytes: 10_000, maxAge: 100 }
const entries = (text: string) => new Map([['key', text]])

function copies(limits = LIMITS): Copies {
  const live = new Copies(limits)
  live.up()
  return live
}

describe('local copies', () => {
  it('answer when they are as new as what was seen', () => {
    const kept = copies()
    kept.keep('a', { version: 5, entries: entries('"x"'), lost: undefined }, { at: 1000, generation: kept.generation })
    expect(kept.current('a', 4, 1000)?.entries).toEqual(entries('"x"'))
    expect(kept.current('a', 5, 1000)?.version).toBe(5)
    expect(kept.current('a', 6, 1000)).toBeUndefined()
    expect(kept.current('b', 0, 1000)).toBeUndefined()
  })

  it('answer for a limited time, and not at all when the clock has gone back', () => {
    const kept = copies()
    kept.keep('a', { version: 1, entries: entries('1'), lost: undefined }, { at: 1000, generation: kept.generation })
    expect(kept.current('a', 1, 1099)).toBeDefined()
    expect(kept.current('a', 1, 1100)).toBeUndefined()
    expect(kept.current('a', 1, 999)).toBeUndefined()
  })

  it('do not answer while nobody tells what changes', () => {
    const kept = new Copies(LIMITS)
    kept.keep('a', { version: 1, entries: entries('1'), lost: undefined }, { at: 1000, generation: kept.generation })
    expect(kept.current('a', 1, 1000)).toBeUndefined()
    kept.up()
    expect(kept.current('a', 1, 1000), 'kept before the telling began').toBeUndefined()
    kept.keep('a', { version: 1, entries: entries('1'), lost: undefined }, { at: 1000, generation: kept.generation })
    expect(kept.current('a', 1, 1000)).toBeDefined()
    kept.down()
    expect(kept.current('a', 1, 1000)).toBeUndefined()
    kept.up()
    expect(kept.current('a', 1, 1000), 'something may have changed meanwhile').toBeUndefined()
  })

  it('are at hand for a failing store, whatever their age, if they are as new as what was seen', () => {
    const kept = copies()
    kept.keep('a', { version: 5, entries: entries('1'), lost: undefined }, { at: 1000, generation: kept.generation })
    kept.down()
    expect(kept.lastKnown('a', 5)?.version).toBe(5)
    expect(kept.lastKnown('a', 6)).toBeUndefined()
    kept.drop('a')
    expect(kept.lastKnown('a', 0)).toBeUndefined()
  })

  it('are bounded by count: those go that were not kept anew for the longest time', () => {
    const kept = copies()
    for (const id of ['a', 'b', 'c'])
      kept.keep(id, { version: 1, entries: entries('1'), lost: undefined }, { at: 1000, generation: kept.generation })
    kept.keep('a', { version: 1, entries: entries('1'), lost: undefined }, { at: 1000, generation: kept.generation })
    kept.keep('d', { version: 1, entries: entries('1'), lost: undefined }, { at: 1000, generation: kept.generation })
    expect(['a', 'b', 'c', 'd'].filter((id) => kept.current(id, 1, 1000))).toEqual(['a', 'c', 'd'])
  })

  it('are bounded by bytes, and one that alone is too large is not kept', () => {
    const kept = copies({ ...LIMITS, max: 100, maxBytes: 2000 })
    for (const id of ['a', 'b', 'c'])
      kept.keep(
        id,
        { version: 1, entries: entries('x'.repeat(500)), lost: undefined },
        { at: 1000, generation: kept.generation },
      )
    expect(['a', 'b', 'c'].filter((id) => kept.current(id, 1, 1000))).toEqual(['b', 'c'])
    kept.keep(
      'b',
      { version: 2, entries: entries('x'.repeat(3000)), lost: undefined },
      { at: 1000, generation: kept.generation },
    )
    expect(kept.lastKnown('b', 0)).toBeUndefined()
    expect(kept.current('c', 1, 1000)).toBeDefined()
  })
})
