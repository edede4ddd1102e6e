import type { Store } from '../../src/ports/store.ts'

/** Laws that can be taken out of limpet, to see that the checker notices. */
export const breaks = [
  'version',
  'cas',
  'tombstone',
  'absence',
  'successors',
  'snapshot',
  'ends',
  'clock',
  'expired',
] as const

export type Break = (typeof breaks)[number]

/** Milliseconds that the store keeps a session at most, where outliving is not noticed. */
const KEPT = 150_000

/** A store with one law taken out, or one that makes a backend without it. `ends` is no matter of the store. */
export function breakStore(store: Store, law: Break | undefined): Store {
  switch (law) {
    case 'version':
      return withoutVersions(store)
    case 'cas':
      // An update overwrites whatever came in between.
      return { ...store, write: (id, change) => store.write(id, { ...change, expect: undefined }) }
    case 'tombstone':
      return withoutTombstones(store)
    case 'absence':
      // A cookie that has seen nothing proves that nothing is there.
      return { ...store, read: async (id, how) => (how.seen === 0 ? { kind: 'absent' } : store.read(id, how)) }
    case 'successors':
      return withoutSuccessors(store)
    case 'snapshot':
      return withoutSnapshots(store)
    case 'expired':
      return withShortLives(store)
    default:
      return store
  }
}

/** Every state of a session claims to be version 1, so every copy of it seems to be as new as any token. */
function withoutVersions(store: Store): Store {
  return {
    ...store,
    read: async (id, how) => {
      const result = await store.read(id, { ...how, seen: 0 })
      return result.kind === 'found' ? { ...result, version: 1 } : result
    },
    write: async (id, change) => {
      const result = await store.write(id, { ...change, seen: 0 })
      return result.kind === 'written' ? { ...result, version: 1 } : result
    },
    move: async (from, to, how) => {
      const result = await store.move(from, to, { ...how, seen: 0 })
      return result.kind === 'moved' ? { ...result, version: 1 } : result
    },
  }
}

/** Logout removes the data, and leaves nothing that would stop a slow request from writing it again. */
function withoutTombstones(store: Store): Store {
  return {
    ...store,
    destroy: async (id, how) => {
      const result = await store.read(id, { seen: how.seen, touch: undefined, ttl: how.ttl })
      if (result.kind === 'tombstone') return result
      const keys = result.kind === 'found' ? [...result.entries.keys()] : []
      await store.write(id, { ...how, set: new Map(), delete: keys, expect: undefined, maxBytes: 1_000_000 })
      return { kind: 'destroyed' }
    },
  }
}

/** A logout with the old id of a session that moved ends nothing. */
function withoutSuccessors(store: Store): Store {
  return {
    ...store,
    destroy: async (id, how) => {
      const result = await store.read(id, { seen: 0, touch: undefined, ttl: how.ttl })
      return result.kind === 'tombstone' ? result : store.destroy(id, how)
    },
  }
}

/** The second of two logins takes nothing along. */
function withoutSnapshots(store: Store): Store {
  return {
    ...store,
    move: async (from, to, how) => {
      const result = await store.read(from, { seen: 0, touch: undefined, ttl: how.ttl })
      return store.move(from, to, result.kind === 'tombstone' ? { ...how, age: -1 } : how)
    },
  }
}

/** The store forgets a session before its cookies have ended. */
function withShortLives(store: Store): Store {
  return {
    ...store,
    write: (id, change) => store.write(id, { ...change, ttl: Math.min(change.ttl, KEPT) }),
    move: (from, to, how) => store.move(from, to, { ...how, ttl: Math.min(how.ttl, KEPT) }),
    touch: (id, ttl) => store.touch(id, Math.min(ttl, KEPT)),
  }
}
