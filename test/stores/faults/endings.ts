import type { Row, Table } from '../../../examples/custom-store/table.ts'
import { type Fault, rowsAs, tick } from './fault.ts'

export const endings: readonly Fault[] = [
  {
    name: 'leaves no tombstones',
    caughtBy: /^tombstones: a destroyed session is a tombstone/,
    table: rowsAs((after) => (!after.ended ? after : { ...after, expires: 0 })),
  },
  {
    name: 'leaves a tombstone only where there was data',
    caughtBy: /^tombstones: destroying what was never stored/,
    table: rowsAs((after, before) => (after.ended && !before ? { ...after, expires: 0 } : after)),
  },
  {
    name: 'lets a write follow a destroy',
    caughtBy: /^concurrency: writes that race a destroy/,
    store: (good) => ({
      async destroy(id, how) {
        const result = await good.destroy(id, { ...how, tombstoneTtl: 1, markTtl: 1 })
        await tick()
        return result
      },
    }),
    table: rowsAs((after) => (!after.ended ? after : { ...after, expires: 0 })),
  },
  {
    name: 'says age in seconds',
    caughtBy: /^tombstones: the age is the time/,
    store: (good) => ({
      async read(id, how) {
        const result = await good.read(id, how)
        return result.kind === 'tombstone' ? { ...result, age: result.age / 1000 } : result
      },
    }),
  },
  {
    name: 'says when instead of how long ago',
    caughtBy: /^tombstones: the age is the time/,
    store: (good) => ({
      async read(id, how) {
        const result = await good.read(id, how)
        return result.kind === 'tombstone' ? { ...result, age: 1_750_000_000_000 } : result
      },
    }),
  },
  {
    name: 'does not tell a move from an end',
    caughtBy: /^moves: the new id has all data/,
    table: rowsAs((after) => ({ ...after, ended: after.ended && { ...after.ended, end: 'destroyed' } })),
  },
  {
    name: 'takes every end for a move',
    caughtBy: /^tombstones: a destroyed session is a tombstone/,
    table: rowsAs((after) => ({ ...after, ended: after.ended && { ...after.ended, end: 'moved' } })),
  },
  {
    name: 'begins a tombstone anew when it is touched',
    caughtBy: /^tombstones: whatever is tried later/,
    ...touching((ended, now) => ({ ended: ended && { ...ended, at: now } })),
  },
  {
    name: 'gives a tombstone another life when it is touched',
    caughtBy: /^lifetimes: a touch neither shortens nor lengthens/,
    ...touching((_, now, ttl) => ({ expires: now + ttl })),
  },
  {
    name: 'keeps marks as long as tombstones',
    caughtBy: /^marks: the end of what never stored anything/,
    store: (good) => ({
      destroy: (id, how) => good.destroy(id, { ...how, markTtl: how.tombstoneTtl }),
      move: (from, to, how) => good.move(from, to, { ...how, markTtl: how.tombstoneTtl }),
    }),
  },
  {
    name: 'keeps tombstones as short as marks',
    caughtBy: /^marks: the end of data/,
    store: (good) => ({
      destroy: (id, how) => good.destroy(id, { ...how, tombstoneTtl: how.markTtl }),
      move: (from, to, how) => good.move(from, to, { ...how, tombstoneTtl: how.markTtl }),
    }),
  },
  {
    name: 'forgets the lifetime that a write gave',
    caughtBy: /^lifetimes: `lifetime` is kept/,
    table: rowsAs((after) => ({ ...after, tags: after.tags && { ...after.tags, lifetime: undefined } })),
  },
]

/** A store whose touch changes tombstones. */
function touching(
  change: (ended: Row['ended'], now: number, ttl: number) => Partial<Row>,
): Omit<Fault, 'name' | 'caughtBy'> {
  let table: Table | undefined
  return {
    table(good) {
      table = good
      return {}
    },
    store: (good) => ({
      async touch(id, ttl) {
        const row = await table?.get(id)
        if (table && row?.ended) {
          const after = { ...row, ...change(row.ended, table.now(), ttl), rev: `${row.rev} touched` }
          await table.replace([{ id, before: row.rev, after }], Number.POSITIVE_INFINITY)
        }
        return good.touch(id, ttl)
      },
    }),
  }
}
