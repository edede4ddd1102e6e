import { LRUCache } from 'lru-cache'
import { checkKeys } from '../config/unknown-keys.ts'
import { LimpetError, StoreError } from '../core/errors.ts'
import { entryBytes } from '../core/json.ts'
import type {
  Change,
  Entries,
  Lost,
  MoveHow,
  ReadResult,
  Retired,
  Store,
  WriteHow,
  WriteResult,
} from '../ports/store.ts'

export interface MemoryStoreOptions {
  /** How many sessions are kept; beyond it the least recently used go. Default 10,000. */
  readonly maxSessions?: number
  /** Milliseconds of a steady clock; for tests. */
  readonly now?: () => number
}

type Kept =
  | {
      readonly kind: 'data'
      readonly version: number
      readonly bytes: number
      readonly entries: Entries
      readonly lost: Lost | undefined
    }
  | { readonly kind: 'tombstone'; readonly version: number; readonly since: number; readonly moved: boolean }

const NO_DATA: Kept = { kind: 'data', version: 0, bytes: 0, entries: new Map(), lost: undefined }

/** After a loss a session goes on this far above what its client had seen: another client may have seen more. */
const LEAP = 1000

/** Sessions in this process: for one backend, for development, for tests. Bounded; what has expired or is least used goes. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  checkKeys(options, ['maxSessions', 'now'], {
    what: 'option of memoryStore',
    name: 'the options of memoryStore()',
    example: 'memoryStore({ maxSessions: 1000 })',
  })
  const { maxSessions = 10_000, now = () => performance.now() } = options
  if (!Number.isSafeInteger(maxSessions) || maxSessions < 1) {
    throw new LimpetError('ERR_LIMPET_OPTIONS', 'memoryStore({ maxSessions }) must be a whole number, at least 1')
  }
  // The cache takes a lifetime that began at 0 for none; clocks of tests begin there.
  const perf = { now: () => now() + 1 }
  const sessions = new LRUCache<string, Kept>({ max: maxSessions, perf, ttlResolution: 0, ttl: 1 })
  const retired = ({ since, moved }: Kept & { kind: 'tombstone' }): Retired => ({
    kind: 'retired',
    age: now() - since,
    moved,
  })
  const keep = (id: string, kept: Kept, ttl: number) => void sessions.set(id, kept, { ttl: Math.max(1, ttl) })

  /** What is there, judged by what the client has seen. */
  const at = (id: string, seen: number) => {
    const kept = sessions.get(id) ?? NO_DATA
    const { version } = kept
    const before = kept.kind === 'data' ? kept.lost : undefined
    const lost = seen > version ? { above: version, upTo: seen + LEAP } : before
    const behind = lost && seen > lost.above && seen <= lost.upTo ? seen - lost.above : 0
    return { kept, behind, lost, isNew: lost !== before, next: (seen > version ? seen + LEAP : version) + 1 }
  }

  return {
    local: true,

    async read(id, { seen, renew, ttl }): Promise<ReadResult> {
      const { kept, behind, lost, isNew, next } = at(id, seen)
      if (kept.kind === 'tombstone') return retired(kept)
      if (isNew) keep(id, { ...kept, version: next, lost }, ttl)
      else if (kept.version === 0) return { kind: 'absent' }
      else if (renew !== undefined) keep(id, kept, renew)
      return { kind: 'found', version: isNew ? next : kept.version, behind, entries: kept.entries, lost }
    },

    async write(id, change): Promise<WriteResult> {
      refuseLate(change)
      const { kept, behind, lost, next } = at(id, change.seen)
      if (kept.kind === 'tombstone') return retired(kept)
      if (change.expect && kept.entries.get(change.expect.key) !== change.expect.text) {
        return { kind: 'conflict', text: kept.entries.get(change.expect.key) }
      }
      const { entries, bytes } = apply(kept.entries, change)
      if (bytes > change.maxBytes && bytes > kept.bytes) return { kind: 'too-large', bytes }
      keep(id, { kind: 'data', version: next, bytes, entries, lost }, change.ttl)
      return { kind: 'written', version: next, behind }
    },

    async destroy(id, how: WriteHow) {
      refuseLate(how)
      const { kept, next } = at(id, how.seen)
      if (kept.kind === 'tombstone') return retired(kept)
      keep(id, { kind: 'tombstone', version: next, since: now(), moved: false }, how.ttl)
      return { kind: 'destroyed' }
    },

    async move(from, to, how: MoveHow) {
      refuseLate(how)
      const { kept, behind, lost, next } = at(from, how.seen)
      if (kept.kind === 'tombstone') return retired(kept)
      keep(to, { ...kept, version: next, lost }, how.ttl)
      keep(from, { kind: 'tombstone', version: next, since: now(), moved: true }, how.tombstoneTtl)
      return { kind: 'moved', version: next, behind }
    },

    async touch(id, ttl) {
      const kept = sessions.get(id)
      if (!kept) return { kind: 'absent' }
      keep(id, kept, ttl)
      return kept.kind === 'tombstone' ? retired(kept) : { kind: 'touched' }
    },

    async close() {
      sessions.clear()
    },
  }
}

/** Nothing waits here, so a write is late only if it was when it came. */
function refuseLate({ within }: WriteHow): void {
  if (within <= 0) throw new StoreError('the time for this write was over', { applied: false, outage: false })
}

function apply(before: Entries, change: Change): { entries: Entries; bytes: number } {
  const entries = new Map(before)
  for (const [key, text] of change.set) entries.set(key, text)
  for (const key of change.delete) entries.delete(key)
  let bytes = 0
  for (const [key, text] of entries) bytes += entryBytes(key, text)
  return { entries, bytes }
}
