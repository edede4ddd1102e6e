import type { Store } from '../../src/ports/store.ts'
import { brokenStore } from '../consistency/broken.ts'

/** Laws that can be taken out of limpet, to see that the checker notices. */
export const breaks = [
  'version',
  'cas',
  'tombstone',
  'absence',
  'successors',
  'snapshot',
  'fork',
  'latecomers',
  'ends',
  'clock',
  'expired',
] as const

export type Break = (typeof breaks)[number]

/** Milliseconds that the store keeps a session at most, where outliving is not noticed. */
const KEPT = 150_000

/** The store as one backend reaches it, with one law taken out. Two laws are no matter of the store: see subject.ts. */
export function breakStore(store: Store, law: Break | undefined): Store {
  if (law === undefined || law === 'ends' || law === 'clock') return store
  return law === 'expired' ? withShortLives(store) : brokenStore(store, law)
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
