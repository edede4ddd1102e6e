import type { Entries } from '../../../src/ports/store.ts'
import { type Fault, rowsAs, tick } from './fault.ts'

export const endings: readonly Fault[] = [
  {
    name: 'leaves no tombstones',
    caughtBy: /^tombstones: a destroyed session is retired/,
    table: rowsAs((after) => (after.retired === undefined ? after : { ...after, expires: 0 })),
  },
  {
    name: 'leaves a tombstone only where there was data',
    caughtBy: /^tombstones: destroying what was never stored/,
    table: rowsAs((after, before) => (after.retired !== undefined && !before ? { ...after, expires: 0 } : after)),
  },
  {
    name: 'lets a write follow a destroy',
    caughtBy: /^concurrency: writes that race a destroy/,
    store: (good) => ({
      async destroy(id, how) {
        const result = await good.destroy(id, { ...how, ttl: 1 })
        await tick()
        return result
      },
    }),
    table: rowsAs((after) => (after.retired === undefined ? after : { ...after, expires: 0 })),
  },
  {
    name: 'says age in seconds',
    caughtBy: /^tombstones: the age is the time/,
    store: (good) => ({
      async read(id, how) {
        const result = await good.read(id, how)
        return result.kind === 'retired' ? { ...result, age: result.age / 1000 } : result
      },
    }),
  },
  {
    name: 'says when instead of how long ago',
    caughtBy: /^tombstones: the age is the time/,
    store: (good) => ({
      async read(id, how) {
        const result = await good.read(id, how)
        return result.kind === 'retired' ? { ...result, age: 1_750_000_000_000 } : result
      },
    }),
  },
  {
    name: 'does not tell a move from an end',
    caughtBy: /^moves: the new id has all data/,
    table: rowsAs((after) => ({ ...after, moved: false })),
  },
  {
    name: 'takes every end for a move',
    caughtBy: /^tombstones: a destroyed session is retired/,
    table: rowsAs((after) => ({ ...after, moved: true })),
  },
  {
    name: 'begins a tombstone anew when it is touched',
    caughtBy: /^tombstones: whatever is tried later/,
    table: (good) =>
      rowsAs((after, before) => (before?.retired === undefined ? after : { ...after, retired: good.now() }))(good),
  },
  {
    name: 'copies instead of moving',
    caughtBy: /^moves: the new id has all data/,
    table: (good) => ({
      replace: (rows, until) => good.replace(rows.length > 1 ? rows.slice(1) : rows, until),
    }),
  },
  {
    name: 'moves in two steps',
    caughtBy: /^moves: a write that races one/,
    store: (good) => ({
      async move(from, to, how) {
        const result = await good.read(from, { seen: how.seen, renew: undefined, ttl: how.ttl })
        if (result.kind !== 'found') return good.move(from, to, how)
        await tick()
        const moved = await good.move(from, to, how)
        const [set, gone] = [result.entries, (await good.read(to, { seen: 0, renew: undefined, ttl: 1000 })) as never]
        const surplus = [...(gone as { entries: Entries }).entries.keys()].filter((key) => !set.has(key))
        await good.write(to, { ...how, set, delete: surplus, expect: undefined, maxBytes: 1e9, seen: 0 })
        return moved
      },
    }),
  },
  {
    name: 'moves at the version that it had',
    caughtBy: /^moves: the new id has all data/,
    table: (good) => ({
      async replace(rows, until) {
        const [first, second] = rows
        if (!first || !second) return good.replace(rows, until)
        const after = { ...second.after, version: second.after.version - 1 }
        return good.replace([first, { ...second, after }], until)
      },
    }),
  },
  {
    name: 'gives moved data no time of its own',
    caughtBy: /^lifetimes: a move renews/,
    table: (good) => ({
      async replace(rows, until) {
        const [first, second] = rows
        if (!first || !second) return good.replace(rows, until)
        const before = await good.get(first.id)
        const after = { ...second.after, expires: before?.expires ?? second.after.expires }
        return good.replace([first, { ...second, after }], until)
      },
    }),
  },
]
