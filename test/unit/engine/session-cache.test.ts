import { describe, expect, it } from 'vitest'
import { type CacheLimits, SessionCache, type State } from '../../../src/engine/process/session-cache.ts'

const LIMITS: CacheLimits = { max: 3, maxBytes: 10_000, maxAbsent: 2, maxAge: 100 }
const ABSENT: State = { version: 0, entries: new Map() }
const dataOf = (version: number, text = '"x"'): State => ({ version, entries: new Map([['key', text]]) })

/** A cache whose one channel is up, and what sets that channel. */
function cached(limits: Partial<CacheLimits> = {}) {
  const cache = new SessionCache({ ...LIMITS, ...limits })
  const trust = cache.openChannel()
  trust(true)
  const keep = (id: string, state: State = dataOf(1)) =>
    cache.keep(id, state, { at: 1000, generation: cache.generation })
  const kept = (ids: string, version = 1) => [...ids].filter((id) => cache.current(id, version, 1000)).join('')
  return { cache, trust, keep, kept }
}

describe('local copies', () => {
  it('answer when they are as new as what was seen', () => {
    const { cache, keep } = cached()
    const copy = keep('a', dataOf(5))
    expect(cache.current('a', 4, 1000)).toBe(copy)
    expect(cache.current('a', 5, 1000)?.entries).toEqual(new Map([['key', '"x"']]))
    expect(cache.current('a', 6, 1000)).toBeUndefined()
    expect(cache.current('b', 0, 1000)).toBeUndefined()
  })

  it('do not answer who has seen a version that was lost', () => {
    const { cache, keep } = cached()
    keep('a', { ...dataOf(9), lost: { above: 3, upTo: 5 } })
    const answered = (seen: number) => [cache.current('a', seen, 1000), cache.lastKnown('a', seen)].map(Boolean)
    expect([3, 4, 5, 6].map(answered)).toEqual([
      [true, true],
      [false, false],
      [false, false],
      [true, true],
    ])
  })

  it('answer for a limited time, and not at all when the clock has gone back', () => {
    const { cache, keep } = cached()
    keep('a')
    expect(cache.current('a', 1, 1099)).toBeDefined()
    expect(cache.current('a', 1, 1100)).toBeUndefined()
    expect(cache.current('a', 1, 999)).toBeUndefined()
  })

  it('are at hand for a failing store, whatever their age, if they are as new as what was seen', () => {
    const { cache, keep, trust } = cached()
    keep('a', dataOf(5))
    trust(false)
    expect(cache.lastKnown('a', 5)?.version).toBe(5)
    expect(cache.lastKnown('a', 6)).toBeUndefined()
    cache.drop('a')
    expect(cache.lastKnown('a', 0)).toBeUndefined()
  })
})

describe('trust', () => {
  it('copies do not answer while nobody tells what changes', () => {
    const cache = new SessionCache(LIMITS)
    const keep = () => cache.keep('a', dataOf(1), { at: 1000, generation: cache.generation })
    keep()
    expect(cache.current('a', 1, 1000)).toBeUndefined()
    const trust = cache.openChannel()
    expect(cache.live).toBe(false)
    trust(true)
    expect(cache.live).toBe(true)
    expect(cache.current('a', 1, 1000), 'kept before the telling began').toBeUndefined()
    keep()
    expect(cache.current('a', 1, 1000)).toBeDefined()
    trust(false)
    expect(cache.current('a', 1, 1000)).toBeUndefined()
    trust(true)
    expect(cache.current('a', 1, 1000), 'something may have changed meanwhile').toBeUndefined()
  })

  it('needs all channels: one that comes up does not speak for another that is down', () => {
    const { cache, keep, trust: first } = cached()
    const second = cache.openChannel()
    expect(cache.live, 'the second is not up yet').toBe(false)
    second(true)
    keep('a')
    first(false)
    second(true)
    expect(cache.live).toBe(false)
    expect(cache.current('a', 1, 1000)).toBeUndefined()
    first(true)
    expect(cache.live).toBe(true)
    expect(cache.current('a', 1, 1000), 'not of before the interruption').toBeUndefined()
    expect(cache.lastKnown('a', 1)).toBeDefined()
  })

  it('begins a new generation whenever something was missed, also while all is down already', () => {
    const { cache, trust } = cached()
    const generations = [false, false, true].map((isUp) => {
      trust(isUp)
      return cache.generation
    })
    expect(new Set(generations).size).toBe(3)
  })

  it('an answer that was asked for in an earlier generation is not current', () => {
    const { cache, trust } = cached()
    const asked = { at: 1000, generation: cache.generation }
    trust(false)
    trust(true)
    cache.keep('a', dataOf(1), asked)
    expect(cache.current('a', 1, 1000)).toBeUndefined()
  })

  it('ends with the watching, and a channel that reports later does not restore it', () => {
    const { cache, keep, trust } = cached()
    keep('a')
    cache.closeChannels()
    expect(cache.current('a', 1, 1000)).toBeUndefined()
    trust(true)
    expect(cache.live).toBe(false)
  })
})

describe('that nothing is stored', () => {
  it('is remembered, for who has seen nothing', () => {
    const { cache, keep } = cached()
    keep('a', ABSENT)
    expect(cache.current('a', 0, 1000)).toMatchObject({ version: 0, entries: new Map() })
    expect(cache.lastKnown('a', 0)).toBeDefined()
    expect(cache.current('a', 1, 1000)).toBeUndefined()
    expect(cache.lastKnown('a', 1)).toBeUndefined()
  })

  it('ages, and falls with trust, as data does', () => {
    const { cache, keep, trust } = cached()
    keep('a', ABSENT)
    expect(cache.current('a', 0, 1100)).toBeUndefined()
    trust(false)
    trust(true)
    expect(cache.current('a', 0, 1000)).toBeUndefined()
    keep('a', ABSENT)
    cache.drop('a')
    expect(cache.lastKnown('a', 0)).toBeUndefined()
  })

  it('has a bound of its own, and pushes out no data, however many there are', () => {
    const { keep, kept } = cached({ maxAbsent: 2 })
    for (const id of 'abc') keep(id)
    for (let i = 0; i < 1000; i++) keep(`absent ${i}`, ABSENT)
    for (const id of 'xyz') keep(id, ABSENT)
    expect(kept('abc')).toBe('abc')
    expect(kept('xyz', 0)).toBe('yz')
  })

  it('is not pushed out by data', () => {
    const { keep, kept } = cached()
    keep('x', ABSENT)
    for (const id of 'abcdef') keep(id)
    expect(kept('x', 0)).toBe('x')
  })

  it('gives way to data of the same session, and data to it', () => {
    const { cache, keep } = cached()
    keep('a', ABSENT)
    keep('a', dataOf(1))
    expect(cache.current('a', 0, 1000)?.version).toBe(1)
    keep('a', ABSENT)
    expect(cache.current('a', 0, 1000)?.version).toBe(0)
    expect(cache.lastKnown('a', 1)).toBeUndefined()
  })
})

describe('the room for copies', () => {
  it('is bounded by count: those go that were not kept anew for the longest time', () => {
    const { keep, kept } = cached()
    for (const id of 'abc') keep(id)
    keep('a')
    keep('d')
    expect(kept('abcd')).toBe('acd')
  })

  it('is bounded by bytes, and one that alone is too large is not kept', () => {
    const { cache, keep, kept } = cached({ max: 100, maxBytes: 3000 })
    for (const id of 'abc') keep(id, dataOf(1, 'x'.repeat(500)))
    expect(kept('abc')).toBe('bc')
    keep('b', dataOf(2, 'x'.repeat(4000)))
    expect(cache.lastKnown('b', 0)).toBeUndefined()
    expect(kept('c')).toBe('c')
  })

  it.each([
    ['nothing but itself: a copy', [], 500],
    ['an entry beside its characters', ['', ''], 620],
    ['a byte for each character of a key', ['four', ''], 624],
    ['and of a text', ['', 'x'.repeat(100)], 720],
    ['also where it is not ASCII but Latin-1', ['', 'é'.repeat(100)], 720],
    ['two as soon as one needs two', ['', `${'x'.repeat(99)}日`], 820],
    ['each entry', ['a', 'b', 'c', 'd'], 744],
  ])('counts for %s', (_, pairs, bytes) => {
    const entries = new Map<string, string>()
    for (let at = 0; at < pairs.length; at += 2) entries.set(pairs[at] ?? '', pairs[at + 1] ?? '')
    const isKept = (maxBytes: number) => {
      const { cache, keep } = cached({ maxBytes })
      keep('a', { version: 1, entries })
      return cache.lastKnown('a', 1) !== undefined
    }
    expect([isKept(bytes - 1), isKept(bytes)]).toEqual([false, true])
  })
})
