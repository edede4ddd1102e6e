import type { Entries } from '../../../src/ports/store.ts'
import { type Fault, rowsAs } from './fault.ts'

const withoutSeen = { seen: 0 }

export const versions: readonly Fault[] = [
  {
    name: 'raises the version only when something changes',
    caughtBy: /^entries: every write raises the version/,
    table: rowsAs((after, before) =>
      before && !after.ended && sameEntries(after.entries, before.entries)
        ? { ...after, version: before.version }
        : after,
    ),
  },
  {
    name: 'counts from what the client has seen',
    caughtBy: /^entries: every write raises the version/,
    store: (good) => ({
      async write(id, how) {
        const result = await good.write(id, how)
        return result.kind === 'written' ? { ...result, version: how.seen + 1 } : result
      },
    }),
  },
  {
    name: 'raises the version when it is read',
    caughtBy: /^entries: reading and renewing leave the version alone/,
    table: rowsAs((after, before) =>
      before?.version === after.version ? { ...after, version: after.version + 1 } : after,
    ),
  },
  {
    name: 'goes on below what the client has seen',
    caughtBy: /^behind: a write says by how much, and goes on above/,
    store: (good) => ({
      async write(id, how) {
        const result = await good.write(id, { ...how, ...withoutSeen })
        return result.kind === 'written' ? { ...result, behind: Math.max(0, how.seen + 1 - result.version) } : result
      },
    }),
  },
  {
    name: 'never looks at what the client has seen',
    caughtBy: /^behind: reading an unknown session/,
    store: (good) => ({
      read: (id, how) => good.read(id, { ...how, ...withoutSeen }),
      write: (id, how) => good.write(id, { ...how, ...withoutSeen }),
      move: (from, to, how) => good.move(from, to, { ...how, ...withoutSeen }),
    }),
  },
  {
    name: 'counts one lost version too many',
    caughtBy: /^behind: a write says by how much/,
    store: (good) => ({
      async write(id, how) {
        const result = await good.write(id, how)
        return result.kind === 'written' && result.behind > 0 ? { ...result, behind: result.behind + 1 } : result
      },
    }),
  },
  {
    name: 'says that a read found less than was seen, and leaves it at that',
    caughtBy: /^behind: reading an older session/,
    store: (good) => ({
      async read(id, how) {
        const result = await good.read(id, { ...how, ...withoutSeen })
        if (result.kind === 'absent' && how.seen > 0) {
          return { kind: 'found', version: how.seen + 1, behind: how.seen, entries: new Map() }
        }
        const behind = result.kind === 'found' ? Math.max(0, how.seen - result.version) : 0
        return result.kind === 'found' && behind > 0 ? { ...result, behind, version: how.seen + 1 } : result
      },
    }),
  },
  {
    name: 'takes a lost session for one that never was',
    caughtBy: /^behind: reading an unknown session/,
    store: (good) => ({
      async read(id, how) {
        const result = await good.read(id, { ...how, ...withoutSeen })
        return result.kind === 'absent' ? result : good.read(id, how)
      },
    }),
  },
  {
    name: 'says a loss to somebody who no longer listens',
    caughtBy: /^behind: a loss that was said to nobody/,
    store: (good) => ({
      async read(id, how) {
        const result = await good.read(id, { ...how, within: 1000 })
        if ((how.within ?? 1000) > 0) return result
        throw Object.assign(new Error('late'), { code: 'ERR_LIMPET_STORE', applied: false })
      },
    }),
  },
  {
    name: 'does not mind losses in a move',
    caughtBy: /^behind: a move/,
    store: (good) => ({ move: (from, to, how) => good.move(from, to, { ...how, ...withoutSeen }) }),
  },
]

function sameEntries(a: Entries, b: Entries): boolean {
  return JSON.stringify([...a]) === JSON.stringify([...b])
}
