import type { Row, Table } from '../../../examples/custom-store/table.ts'
import { tableStore } from '../../../examples/custom-store/table-store.ts'
import type { Channel } from '../../../src/ports/invalidation.ts'
import type { Store } from '../../../src/ports/store.ts'

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
export type Bus = Map<Store, Channel>

/** A store over the table that tells its changes on the bus: of each row that it replaced, what has become of it. */
export function tellingStore(table: Table, bus: Bus): Store {
  const tell = (id: string, { ended }: Row) => {
    for (const [other, channel] of bus) {
      if (other === self) continue
      setImmediate(() => {
        if (!bus.has(other)) return
        if (ended) channel.ended(id, ended.end)
        else channel.changed(id)
      })
    }
  }
  const store = tableStore({
    ...table,
    async replace(rows, until) {
      const befores = await Promise.all(rows.map(({ id }) => table.get(id)))
      const isDone = await table.replace(rows, until)
      for (const [i, { id, after }] of rows.entries()) {
        const isNew = after.version !== befores[i]?.version || after.ended?.at !== befores[i]?.ended?.at
        if (isDone && isNew) tell(id, after)
      }
      return isDone
    },
  })
  const self: Store = {
    ...store,
    watch(watcher) {
      const channel = watcher.channel()
      bus.set(self, channel)
      setImmediate(() => {
        if (bus.has(self)) channel.up()
      })
      return () => void bus.delete(self)
    },
  }
  return self
}
