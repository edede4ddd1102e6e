import { LRUCache } from 'lru-cache'
import type { Registry } from '../ports/backends.ts'

/** Adoptions that are remembered; beyond it the oldest go. */
const ADOPTIONS = 10_000

/** For the backends of one process that share one memoryStore(): tests, and a process that serves on several ports. */
export function memoryBackends(now: () => number): Registry {
  const records = new Map<string, { readonly record: string; readonly at: number }>()
  const adoptions = new LRUCache<string, { readonly gone: string; readonly by: string; readonly until: number }>({
    // Counted by size: a `max` would reserve room for all at once.
    maxSize: ADOPTIONS,
    sizeCalculation: () => 1,
  })
  return {
    async announce(boot, record, { forget }) {
      records.set(boot, { record, at: now() })
      for (const [one, { at }] of records) if (now() - at > forget) records.delete(one)
      return [...records].map(([one, { record, at }]) => ({ boot: one, record, age: now() - at }))
    },
    async withdraw(boot) {
      records.delete(boot)
    },
    async adopt(session, { by, instead, ttl }) {
      const known = adoptions.get(session)
      if (known && now() < known.until) {
        if (known.gone === instead || (known.by !== instead && known.by !== by)) return known.by
      }
      adoptions.set(session, { gone: instead, by, until: now() + ttl })
      return by
    },
  }
}
