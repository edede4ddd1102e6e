import type { Channel, Watcher } from '../../src/ports/invalidation.ts'
import type { Store } from '../../src/ports/store.ts'
import type { Break } from './driver/run.ts'

/** A store with one law taken out, to see that the checker notices. The rest of limpet is as it is. */
export function brokenStore(store: Store, law: Break): Store {
  switch (law) {
    case 'version':
      return withoutVersions(store)
    case 'cas':
      // An update overwrites whatever came in between.
      return { ...store, write: (id, change) => store.write(id, { ...change, expect: undefined, claim: undefined }) }
    case 'claim':
      // Whoever is quicker is next, always.
      return { ...store, write: (id, change) => store.write(id, { ...change, claim: undefined }) }
    case 'tombstone':
      return withoutTombstones(store)
    case 'absence':
      // A cookie that knows of no write proves that there was none.
      return { ...store, read: async (id, how) => (how.seen === 0 ? { kind: 'absent' } : store.read(id, how)) }
    case 'successors':
      return withoutSuccessors(store)
    case 'snapshot':
      // Whoever changes the id second comes too late to take anything along.
      return { ...store, move: (from, to, how) => store.move(from, to, { ...how, age: 0 }) }
    case 'fork':
      // Whoever has an old id had it before the session left it.
      return { ...store, move: (from, to, how) => store.move(from, to, { ...how, age: Number.MAX_SAFE_INTEGER }) }
    case 'latecomers':
      // Who comes too late to take anything along begins a session that no logout of the others reaches.
      return { ...store, move: (from, to, how) => store.move(from, to, { ...how, begins: undefined }) }
    case 'ends':
      return { ...store, watch: (watcher) => store.watch?.(deafened(watcher)) ?? (() => undefined) }
    case 'clock':
      // Each backend judges times by its own clock.
      return { ...store, now: () => Date.now() }
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

/** A logout with an id that the session has left ends nothing. */
function withoutSuccessors(store: Store): Store {
  return {
    ...store,
    destroy: async (id, how) => {
      const result = await store.read(id, { seen: 0, touch: undefined, ttl: how.ttl })
      return result.kind === 'tombstone' ? result : store.destroy(id, how)
    },
  }
}

/** Is told of no change and of no end, and believes that it is. */
function deafened(watcher: Watcher): Watcher {
  const deaf = (channel: Channel): Channel => ({
    changed: () => undefined,
    ended: () => undefined,
    down: () => channel.down(),
    up: () => channel.up(),
  })
  return { channel: () => deaf(watcher.channel()), warn: (code, message) => watcher.warn(code, message) }
}
