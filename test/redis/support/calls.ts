import type { Change, DestroyHow, MoveHow, ReadHow } from '../../../src/ports/store.ts'

const TTL = 60_000

/** Arguments for calls of a store, as good as any. */
export function change(text: string, how: Partial<Change> = {}): Change {
  const set = new Map([['a', text]])
  return { set, delete: [], expect: undefined, maxBytes: 10_000, seen: 0, ttl: TTL, within: 1000, ...how }
}

export function reading(how: Partial<ReadHow> = {}): ReadHow {
  return { seen: 0, touch: undefined, ttl: TTL, ...how }
}

export function ending(how: Partial<DestroyHow> = {}): DestroyHow {
  return { seen: 0, ttl: TTL, within: 1000, tombstoneTtl: TTL, markTtl: TTL, age: 0, ...how }
}

export function moving(how: Partial<MoveHow> = {}): MoveHow {
  return { ...ending(), set: new Map(), maxBytes: 10_000, ...how }
}
