import { type Row, type Table, tableStore } from '../../../examples/custom-store/table-store.ts'
import type { Store, Watcher } from '../../../src/ports/store.ts'

export interface MemoryTable extends Table {
  advance(ms: number): void
  clear(): void
}

/** The table of examples/custom-store in memory, with a clock that stands still, so that stores over it can be two backends. */
export function memoryTable(): MemoryTable {
  const rows = new Map<string, Row>()
  let now = 1_750_000_000_000
  const live = (id: string) => {
    const row = rows.get(id)
    return row && row.expires > now ? row : undefined
  }
  return {
    now: () => now,
    async get(id) {
      return live(id)
    },
    async replace(replacements, until) {
      if (now >= until) throw Object.assign(new Error('late'), { code: 'ERR_LIMPET_STORE', applied: false })
      if (replacements.some(({ id, before }) => live(id)?.rev !== before)) return false
      for (const { id, after } of replacements) rows.set(id, after)
      return true
    },
    advance(ms) {
      now += ms
    },
    clear: () => rows.clear(),
  }
}

/** Who watches which store. A change is told to all others, a little later. */
export type Bus = Map<Store, Watcher>

/** A store over the table that tells its changes on the bus. */
export function tellingStore(table: Table, bus: Bus): Store {
  const store = tableStore(table)
  const telling =
    <Rest extends unknown[], Result extends { readonly kind: string }>(
      work: (id: string, ...rest: Rest) => Promise<Result>,
    ) =>
    async (id: string, ...rest: Rest): Promise<Result> => {
      const result = await work(id, ...rest)
      const changed =
        ['written', 'destroyed', 'moved'].includes(result.kind) || ('behind' in result && result.behind !== 0)
      if (changed)
        for (const [other, watcher] of bus)
          if (other !== self) setImmediate(() => bus.has(other) && watcher.changed(id))
      return result
    }
  const self: Store = {
    ...store,
    read: telling(store.read),
    write: telling(store.write),
    destroy: telling(store.destroy),
    move: telling(store.move),
    watch(watcher) {
      bus.set(self, watcher)
      setImmediate(() => bus.has(self) && watcher.up())
      return () => void bus.delete(self)
    },
  }
  return self
}
