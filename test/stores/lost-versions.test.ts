import { Redis } from 'ioredis'
import { describe, expect, inject, it } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import type { Change, Store } from '../../src/ports/store.ts'
import { redisStore } from '../../src/redis.ts'

const ID = 'ab'.padEnd(24, 'c')
const how = { ttl: 60_000, within: 1000 }
const ending = { ...how, tombstoneTtl: 60_000, markTtl: 60_000, age: 0 }
const moving = { ...ending, seen: 9, set: new Map(), maxBytes: 1000 }

function write(store: Store, seen: number) {
  const change: Change = { ...how, seen, set: new Map([['n', '1']]), delete: [], expect: undefined, maxBytes: 1000 }
  return store.write(ID, change)
}

function read(store: Store, seen: number) {
  return store.read(ID, { seen, touch: undefined, ttl: 60_000 })
}

const kinds: Record<string, (prefix: string) => { store: Store; end: () => void }> = {
  memoryStore: () => ({ store: memoryStore(), end: () => undefined }),
  redisStore(prefix) {
    const client = new Redis(inject('redisUrl'))
    return { store: redisStore(client, { prefix }), end: () => client.disconnect() }
  },
}

describe.each(Object.entries(kinds))('versions that %s has lost', (_, create) => {
  it.for(['read', 'write', 'move'] as const)(
    'are told to everybody who has seen one of them, when a %s finds it',
    async (finder, { onTestFinished }) => {
      const { store, end } = create(`lost-${finder}:`)
      onTestFinished(end)
      await write(store, 0)
      await write(store, 1) // version 2 is what will be left
      if (finder === 'read') expect(await read(store, 9)).toMatchObject({ behind: 7 })
      else if (finder === 'write') expect(await write(store, 9)).toMatchObject({ behind: 7 })
      else
        expect(await store.move(ID, `${ID.slice(0, -1)}d`, moving)).toMatchObject({
          behind: 7,
        })
      const id = finder === 'move' ? `${ID.slice(0, -1)}d` : ID
      const again = (seen: number) => store.read(id, { seen, touch: undefined, ttl: 60_000 })

      // Who saw as much, and did not get the answer; who saw less, and more; who saw only what is left, or what came after.
      expect(await again(9)).toMatchObject({ kind: 'found', behind: 7 })
      expect(await again(5)).toMatchObject({ behind: 3 })
      expect(await again(12)).toMatchObject({ behind: 10 })
      for (const seen of [0, 1, 2]) expect(await again(seen)).toMatchObject({ behind: 0 })
      const found = await again(0)
      const version = found.kind === 'found' ? found.version : 0
      expect(version).toBeGreaterThan(12)
      expect(await again(version)).toMatchObject({ behind: 0, version })
    },
  )
})
