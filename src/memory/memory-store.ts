import { checkKeys } from '../config/unknown-keys.ts'
import { LimpetError } from '../core/errors.ts'
import type { DestroyHow, MoveHow, MoveResult, ReadResult, Store, Tombstone, WriteResult } from '../ports/store.ts'
import { memoryBackends } from './backends.ts'
import { apply, claimsAfter, judge, refuseLate, stopped } from './changes.ts'
import { memoryLabels } from './memory-labels.ts'
import { BEGINS, Moves } from './moves.ts'
import { type Data, type Ended, NO_DATA, Shelves } from './shelves.ts'
import { retag, told } from './tags.ts'

export interface MemoryStoreOptions {
  /**
   * How many sessions are kept; beyond it the least recently used go. Default 10,000. What is left of ended ones has a
   * bound of its own.
   */
  readonly maxSessions?: number
  /** Milliseconds of a steady clock; for tests. */
  readonly now?: () => number
}

/**
 * Sessions in this process: for one backend, for development, for tests. Bounded; what has expired or is least used
 * goes.
 */
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
  const shelves = new Shelves(maxSessions, now)
  const moves = new Moves(shelves, now)
  const met = ({ end, since }: Ended): Tombstone => ({ kind: 'tombstone', age: now() - since, end })

  return {
    local: true,
    backends: memoryBackends(now),

    async read(id, { seen, touch, ttl }): Promise<ReadResult> {
      const kept = shelves.get(id) ?? NO_DATA
      if (kept.kind === 'ended') return met(kept)
      const { behind, lost, isNew, next } = judge(kept, seen)
      if (isNew) shelves.keep(id, { ...kept, version: next, lost }, ttl)
      else if (kept.version === 0) return { kind: 'absent' }
      else if (touch !== undefined) shelves.keep(id, kept, touch)
      const { version, entries, tags } = kept
      return { kind: 'found', version: isNew ? next : version, behind, entries, lost, ...told(tags) }
    },

    async write(id, change): Promise<WriteResult> {
      refuseLate(change)
      const kept = shelves.get(id) ?? NO_DATA
      if (kept.kind === 'ended') return met(kept)
      const { seen, ttl, set, delete: gone, maxBytes, claim } = change
      if (change.ifStored && kept.version === 0) return { kind: 'absent' }
      const stop = stopped(kept, change, now())
      if (stop?.claims && kept.version > 0) shelves.replace(id, { ...kept, claims: stop.claims })
      if (stop) return stop.result
      const tags = retag(kept.tags, change)
      const isNothing = set.size === 0 && tags.lifetime === undefined && tags.label === undefined
      if (kept.version === 0 && seen === 0 && isNothing) return { kind: 'written', version: 0, behind: 0 }
      const { entries, bytes } = apply(change.clear ? NO_DATA.entries : kept.entries, set, gone)
      if (bytes > maxBytes && bytes > kept.bytes) return { kind: 'too-large', bytes }
      const { behind, lost, next } = judge(kept, seen)
      const claims = claimsAfter(kept, claim, now())
      const data: Data = {
        kind: 'data',
        version: next,
        bytes,
        entries,
        lost,
        tags,
        claims,
        from: moves.recent(kept),
      }
      shelves.keep(id, data, ttl)
      return { kind: 'written', version: next, behind, ...told(tags) }
    },

    async destroy(id, how: DestroyHow) {
      refuseLate(how)
      const kept = shelves.get(id)
      if (kept?.kind === 'ended') {
        const successors = moves.endSuccessors(id, kept, how)
        return successors ? { kind: 'destroyed', successors } : met(kept)
      }
      if (!moves.isMeant(kept, how)) return { kind: 'other-label' }
      moves.end(id, how, !kept?.version && how.seen === 0)
      const siblings = kept && moves.endSiblings(kept, how)
      return siblings ? { kind: 'destroyed', successors: siblings } : { kind: 'destroyed' }
    },

    async move(from, to, how: MoveHow): Promise<MoveResult> {
      refuseLate(how)
      const kept = shelves.get(from) ?? NO_DATA
      const there = shelves.get(to)
      if (there?.kind === 'ended') return met(there)
      if (there)
        return { kind: 'moved', version: there.version, behind: judge(there, how.seen).behind, ...told(there.tags) }
      const source = kept.kind === 'ended' ? moves.source(from, to, kept, how) : kept
      if (source.kind === 'ended') return met(source)
      const { entries, bytes } = apply(source.entries, how.set, [])
      if (bytes > how.maxBytes && bytes > source.bytes) return { kind: 'too-large', bytes }
      const origin = moves.originOf(from, kept)
      moves.note(from, to, kept, how)
      const began = source === BEGINS
      if (source.version === 0 && how.seen === 0 && entries.size === 0) {
        shelves.keepOrigin(to, origin)
        return { kind: 'moved', version: 0, behind: 0, ...(began && { began }) }
      }
      const data = { ...NO_DATA, bytes, entries, from: origin }
      if (began) {
        const version = how.seen + 1
        const tags = retag({}, how.begins ?? {})
        shelves.keep(to, { ...data, version, tags }, how.begins?.ttl ?? how.ttl)
        return { kind: 'moved', version, behind: 0, began, ...told(tags) }
      }
      const { behind, lost, next: version } = judge(source, how.seen)
      const tags = retag(source.tags, how)
      shelves.keep(to, { ...data, version, lost, tags }, how.ttl)
      return { kind: 'moved', version, behind, ...told(tags) }
    },

    async touch(id, ttl) {
      const kept = shelves.get(id) ?? NO_DATA
      if (kept.kind === 'ended') return met(kept)
      if (kept.version === 0) return { kind: 'absent' }
      shelves.keep(id, kept, ttl)
      const { label } = kept.tags
      return label === undefined ? { kind: 'touched' } : { kind: 'touched', label }
    },

    labels: memoryLabels(maxSessions, now),

    async close() {
      shelves.clear()
    },
  }
}
