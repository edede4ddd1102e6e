import { type Entries, MOVE_WINDOW, type MoveHow, type Store } from '../../../src/ports/store.ts'
import { type Fault, rowsAs, tick } from './fault.ts'

const plainly = { seen: 0, touch: undefined, ttl: 1000 }
const nothing: Entries = new Map()

/** A store that moves otherwise. `again`: the old id has moved already. */
const movesAs =
  (move: (good: Store, from: string, to: string, how: MoveHow, again: boolean) => ReturnType<Store['move']>) =>
  (good: Store): Partial<Store> => ({
    async move(from, to, how) {
      return move(good, from, to, how, (await good.read(from, plainly)).kind === 'tombstone')
    },
  })

/** What sessions held, and the version that the mover had seen, when they moved. */
const held = new Map<string, { readonly seen: number; readonly entries: Entries }>()

async function entriesOf(store: Store, id: string): Promise<Entries> {
  const result = await store.read(id, plainly)
  return result.kind === 'found' ? result.entries : nothing
}

export const moves: readonly Fault[] = [
  {
    name: 'copies instead of moving',
    caughtBy: /^moves: the new id has all data/,
    table: (good) => ({
      replace: (rows, until) => good.replace(rows.length > 1 ? rows.filter(({ after }) => !after.ended) : rows, until),
    }),
  },
  {
    name: 'moves in two steps',
    caughtBy: /^moves: a write that races one/,
    store: movesAs(async (good, from, to, how, again) => {
      const set = await entriesOf(good, from)
      if (again || set.size === 0) return good.move(from, to, how)
      await tick()
      const moved = await good.move(from, to, how)
      const surplus = [...(await entriesOf(good, to)).keys()].filter((key) => !set.has(key))
      await good.write(to, { ...how, set, delete: surplus, expect: undefined, maxBytes: 1e9, seen: 0 })
      return moved
    }),
  },
  {
    name: 'moves at the version that it had',
    caughtBy: /^moves: the new id has all data/,
    table: (good) => ({
      replace: (rows, until) =>
        good.replace(
          rows.map((row) =>
            rows.length > 1 && !row.after.ended
              ? { ...row, after: { ...row.after, version: row.after.version - 1 } }
              : row,
          ),
          until,
        ),
    }),
  },
  {
    name: 'gives moved data no time of its own',
    caughtBy: /^lifetimes: a move renews/,
    table: (good) => ({
      async replace(rows, until) {
        const from = rows.find(({ after }) => after.ended?.end === 'moved')
        const before = from && (await good.get(from.id))
        if (!before) return good.replace(rows, until)
        const late = rows.map((row) =>
          row.after.ended ? row : { ...row, after: { ...row.after, expires: before.expires } },
        )
        return good.replace(late, until)
      },
    }),
  },
  {
    name: 'makes an empty session of what was never stored',
    caughtBy: /^moves: of what was never stored nothing is made/,
    store: movesAs(async (good, from, to, how) => {
      const result = await good.move(from, to, how)
      if (result.kind !== 'moved' || result.version > 0) return result
      const made = { ...how, set: new Map([['made', '1']]), delete: [], expect: undefined }
      const written = await good.write(to, made)
      return written.kind === 'written' ? { ...result, version: written.version } : result
    }),
  },
  {
    name: 'forgets the values of a move',
    caughtBy: /^moves: values are written/,
    store: (good) => ({ move: (from, to, how) => good.move(from, to, { ...how, set: nothing }) }),
  },
  {
    name: 'has no limit for the values of a move',
    caughtBy: /^moves: values that would make the session too large/,
    store: (good) => ({ move: (from, to, how) => good.move(from, to, { ...how, maxBytes: 1e12 }) }),
  },
  {
    name: 'moves only once',
    caughtBy: /^second moves: who began before a move/,
    store: movesAs(async (good, from, to, how, again) => {
      const there = await good.read(from, plainly)
      return again && there.kind === 'tombstone' ? there : good.move(from, to, how)
    }),
  },
  {
    name: 'writes the values of a repeated move again',
    caughtBy: /^moves: the same move again does nothing/,
    store: movesAs(async (good, from, to, how, again) => {
      const result = await good.move(from, to, how)
      if (again && result.kind === 'moved') await good.write(to, { ...how, seen: 0, delete: [], expect: undefined })
      return result
    }),
  },
  {
    name: 'does not mind when a second mover began',
    caughtBy: /^second moves: who began after the move/,
    store: (good) => ({ move: (from, to, how) => good.move(from, to, { ...how, age: 1e12 }) }),
  },
  {
    name: 'does not mind what a second mover has seen',
    caughtBy: /^second moves: nor does who has seen another version/,
    store: movesAs((good, from, to, how, again) => {
      if (!again) held.set(from, { seen: how.seen, entries: nothing })
      return good.move(from, to, { ...how, seen: held.get(from)?.seen ?? how.seen })
    }),
  },
  {
    name: 'keeps what moved for ever, whatever happened since',
    caughtBy: /^second moves: (nor does anybody once|what was destroyed since)/,
    store: movesAs(async (good, from, to, how, again) => {
      if (!again) held.set(from, { seen: how.seen, entries: await entriesOf(good, from) })
      const result = await good.move(from, to, how)
      const before = held.get(from)
      if (!again || result.kind !== 'tombstone' || before?.seen !== how.seen) return result
      const { kind } = await good.write(to, { ...how, set: before.entries, delete: [], expect: undefined })
      return kind === 'written' ? { kind: 'moved', version: how.seen + 1001, behind: how.seen } : result
    }),
  },
  {
    name: 'destroys no more than the id that it is given',
    caughtBy: /^successors: destroying a session that has just moved/,
    store: (good) => ({
      async destroy(id, how) {
        const there = await good.read(id, plainly)
        return there.kind === 'tombstone' ? there : good.destroy(id, how)
      },
    }),
  },
  {
    name: 'follows one move and no more',
    caughtBy: /^successors: through all further moves/,
    table: rowsAs((after, before) =>
      before && before.version > 1 && after.ended ? { ...after, ended: { ...after.ended, successors: [] } } : after,
    ),
  },
  {
    name: 'destroys what a session went on as, whoever comes whenever',
    caughtBy: /^successors: later they are destroyed by requests from before/,
    store: (good) => ({ destroy: (id, how) => good.destroy(id, { ...how, age: MOVE_WINDOW * 1e6 }) }),
  },
  {
    name: 'writes to what a session went on as',
    caughtBy: /^successors: reads, writes and touches never follow/,
    store(good) {
      return {
        async move(from, to, how) {
          const result = await good.move(from, to, how)
          if (result.kind === 'moved') wentOn.set(from, to)
          return result
        },
        async write(id, how) {
          const result = await good.write(id, how)
          const to = wentOn.get(id)
          if (result.kind === 'tombstone' && to !== undefined) await good.write(to, how)
          return result
        },
      }
    },
  },
]

const wentOn = new Map<string, string>()
