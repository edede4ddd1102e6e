import type { Store } from '../../../src/ports/store.ts'
import { type Fault, rowsAs } from './fault.ts'

/** A store that takes no notice of some of what a write says. */
const writing =
  (change: (how: Parameters<Store['write']>[1]) => Parameters<Store['write']>[1]) =>
  (good: Store): Partial<Store> => ({ write: (id, how) => good.write(id, change(how)) })

export const tags: readonly Fault[] = [
  {
    name: 'clears one key after the other',
    caughtBy: /^clear: all keys go/,
    store: (good) => ({
      async write(id, how) {
        if (!how.clear) return good.write(id, how)
        const read = await good.read(id, { seen: 0, touch: undefined, ttl: 1000 })
        const keys = read.kind === 'found' ? [...read.entries.keys()].slice(0, 1) : []
        return good.write(id, { ...how, clear: false, delete: keys.filter((key) => !how.set.has(key)) })
      },
    }),
  },
  {
    name: 'makes a session of a clear',
    caughtBy: /^clear: where nothing is stored/,
    store: writing((how) => (how.clear ? { ...how, set: new Map([['made', '1'], ...how.set]) } : how)),
  },
  {
    name: 'counts what a clear removes',
    caughtBy: /^clear: what goes does not count/,
    store: (good) => ({
      async write(id, how) {
        const { kind, ...rest } = how.clear ? await good.write(id, { ...how, clear: false }) : { kind: 'written' }
        return kind === 'too-large' ? ({ kind, bytes: 0, ...rest } as const) : good.write(id, how)
      },
    }),
  },
  {
    name: 'writes where it was to make nothing',
    caughtBy: /^stored: a write that wants something there/,
    store: writing((how) => ({ ...how, ifStored: false })),
  },
  {
    name: 'keeps a lifetime that was taken away',
    caughtBy: /^tags: a lifetime of 0/,
    store: writing((how) => ({ ...how, lifetime: how.lifetime || undefined })),
  },
  {
    name: 'stores no lifetime without entries',
    caughtBy: /^tags: a lifetime alone is stored/,
    store: writing((how) => (how.set.size === 0 ? { ...how, lifetime: how.lifetime === 0 ? 0 : undefined } : how)),
  },
  {
    name: 'forgets when a session began',
    caughtBy: /^tags: the first `createdAt`/,
    table: rowsAs((after) => ({ ...after, tags: after.tags && { ...after.tags, createdAt: undefined } })),
  },
  {
    name: 'does not answer with the tags',
    caughtBy: /^tags: writes and moves answer/,
    store: (good) => ({
      async write(id, how) {
        const result = await good.write(id, how)
        return result.kind === 'written' ? { ...result, lifetime: undefined, label: undefined } : result
      },
    }),
  },
  {
    name: 'keeps a tombstone for as long as it is told',
    caughtBy: /^tags: a tombstone stays for longer/,
    table: rowsAs((after, before) => {
      const ends = after.ended && !before?.ended
      return ends ? { ...after, expires: Math.min(after.expires, after.ended.at + 60_000) } : after
    }),
  },
]
