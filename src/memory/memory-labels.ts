import { LRUCache } from 'lru-cache'
import type { Labels } from '../ports/store.ts'
import { refuseLate } from './changes.ts'

/** Which ids each label leads to, and until when. At most `max` labels; the least recently used go. */
export function memoryLabels(max: number, now: () => number): Labels {
  const indexes = new LRUCache<string, Map<string, number>>({ max })
  /** Without what is over. */
  const indexOf = (label: string): Map<string, number> => {
    const index = indexes.get(label) ?? new Map<string, number>()
    for (const [id, until] of index) if (until <= now()) index.delete(id)
    return index
  }
  return {
    async add(label, id, how) {
      refuseLate(how)
      const index = indexOf(label)
      const before = index.get(id)
      index.set(id, Math.max(before ?? 0, now() + how.ttl))
      indexes.set(label, index)
      return before === undefined
    },
    async list(label) {
      return [...indexOf(label).keys()]
    },
    async remove(label, ids, how) {
      refuseLate(how)
      const index = indexOf(label)
      for (const id of ids) index.delete(id)
      if (index.size === 0) indexes.delete(label)
    },
  }
}
