import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import type { Change } from '../../../src/ports/store.ts'

const TTL = 1000
const HOW = { seen: 0, ttl: TTL, within: 1000 }
const END = { ...HOW, tombstoneTtl: TTL, markTtl: TTL / 2, age: 0 }
const read = { seen: 0, touch: undefined, ttl: TTL }

function change(entries: Record<string, string>, more: Partial<Change> = {}): Change {
  return { ...HOW, set: new Map(Object.entries(entries)), delete: [], expect: undefined, maxBytes: 1000, ...more }
}

/** A store whose time is what the test says. */
function at(maxSessions?: number) {
  const time = { now: 5000 }
  const options = { now: () => time.now, ...(maxSessions === undefined ? {} : { maxSessions }) }
  return { time, store: memoryStore(options) }
}

describe('the memory store forgets', () => {
  it('data when its lifetime is over, and not before', async () => {
    const { store, time } = at()
    await store.write('a', change({ k: '1' }))
    time.now += TTL
    expect(await store.read('a', read)).toMatchObject({ kind: 'found' })
    time.now += 1
    expect(await store.read('a', read)).toEqual({ kind: 'absent' })
  })

  it('a tombstone when its lifetime is over, counted from the logout', async () => {
    const { store, time } = at()
    await store.write('a', change({ k: '1' }))
    time.now += 600
    await store.destroy('a', END)
    time.now += TTL
    expect(await store.read('a', read)).toEqual({ kind: 'tombstone', age: TTL, end: 'destroyed' })
    time.now += 1
    expect(await store.read('a', read)).toEqual({ kind: 'absent' })
  })

  it('the mark of a session that stored nothing sooner', async () => {
    const { store, time } = at()
    await store.destroy('a', END)
    time.now += TTL / 2
    expect(await store.read('a', read)).toMatchObject({ kind: 'tombstone', end: 'destroyed' })
    time.now += 1
    expect(await store.read('a', read)).toEqual({ kind: 'absent' })
  })

  it('later, after a touch, a read that touches or a write; a plain read changes nothing', async () => {
    for (const [use, lives] of [
      [(id: string, { store }: ReturnType<typeof at>) => store.touch(id, TTL), true],
      [(id: string, { store }: ReturnType<typeof at>) => store.read(id, { ...read, touch: TTL }), true],
      [(id: string, { store }: ReturnType<typeof at>) => store.write(id, change({ other: '1' })), true],
      [(id: string, { store }: ReturnType<typeof at>) => store.read(id, read), false],
    ] as const) {
      const place = at()
      await place.store.write('a', change({ k: '1' }))
      place.time.now += 900
      await use('a', place)
      place.time.now += 900
      expect((await place.store.read('a', read)).kind).toBe(lives ? 'found' : 'absent')
    }
  })

  it('what a wall clock cannot disturb: its time is its own', async () => {
    const store = memoryStore()
    await store.write('a', change({ k: '1' }, { ttl: 60_000 }))
    expect(await store.read('a', read)).toMatchObject({ kind: 'found', version: 1 })
  })

  it('everything at close()', async () => {
    const { store } = at()
    await store.write('a', change({ k: '1' }))
    await store.close?.()
    expect(await store.read('a', read)).toEqual({ kind: 'absent' })
  })
})

describe('the memory store is bounded', () => {
  it('by sessions: the least recently used go', async () => {
    const { store } = at(3)
    for (const id of ['a', 'b', 'c']) await store.write(id, change({ k: '1' }))
    await store.read('a', read)
    await store.write('d', change({ k: '1' }))
    const kinds = await Promise.all(['a', 'b', 'c', 'd'].map(async (id) => (await store.read(id, read)).kind))
    expect(kinds).toEqual(['found', 'absent', 'found', 'found'])
  })

  it('by bytes for each session: keys and texts in UTF-8', async () => {
    const { store } = at()
    const six = { maxBytes: 6 }
    expect(await store.write('a', change({ ü: '"a"' }, { maxBytes: 5 }))).toMatchObject({ kind: 'written' })
    expect(await store.write('a', change({ ü: '"ä"' }, { maxBytes: 5 }))).toEqual({ kind: 'too-large', bytes: 6 })
    expect(await store.write('a', change({ ü: '"ä"' }, six))).toMatchObject({ kind: 'written' })
    expect(await store.write('a', change({ x: '' }, six))).toEqual({ kind: 'too-large', bytes: 7 })
    expect(await store.read('a', read)).toMatchObject({ version: 2, entries: new Map([['ü', '"ä"']]) })
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10'])('not by %s sessions', (maxSessions) => {
    expect(() => memoryStore({ maxSessions: maxSessions as number })).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS', message: expect.stringContaining('maxSessions') }),
    )
  })

  it('nor by an option that it does not have', () => {
    expect(() => memoryStore({ maxSesions: 5 } as object)).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS', message: expect.stringContaining('"maxSessions"') }),
    )
  })
})

describe('the memory store keeps apart', () => {
  it('what was read and what is written later', async () => {
    const { store } = at()
    await store.write('a', change({ k: '1' }))
    const before = await store.read('a', read)
    await store.write('a', change({ k: '2' }))
    expect(before).toMatchObject({ version: 1, entries: new Map([['k', '1']]) })
  })

  it('two stores of one process', async () => {
    const [one, other] = [memoryStore(), memoryStore()]
    await one.write('a', change({ k: '1' }))
    expect(await other.read('a', read)).toEqual({ kind: 'absent' })
  })
})
