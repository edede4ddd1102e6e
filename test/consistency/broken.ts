import type { Store } from '../../src/ports/store.ts'
import type { Break } from './driver/run.ts'

/** A store with one law taken out, to see that the checker notices. The rest of limpet is as it is. */
export function brokenStore(store: Store, law: Break): Store {
  switch (law) {
    case 'version':
      return withoutVersions(store)
    case 'cas':
      // An update overwrites whatever came in between.
      return { ...store, write: (id, change) => store.write(id, { ...change, expect: undefined }) }
    case 'tombstone':
      return withoutTombstones(store)
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
      const result = await store.read(id, { seen: how.seen, renew: undefined, ttl: how.ttl })
      if (result.kind === 'retired') return result
      const keys = result.kind === 'found' ? [...result.entries.keys()] : []
      await store.write(id, { ...how, set: new Map(), delete: keys, expect: undefined, maxBytes: 1_000_000 })
      return { kind: 'destroyed' }
    },
  }
}
