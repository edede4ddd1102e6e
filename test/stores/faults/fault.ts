import type { Row, Table } from '../../../examples/custom-store/table.ts'
import type { Store } from '../../../src/ports/store.ts'

/** A promise of the port that a store breaks, and the cases that must notice. */
export interface Fault {
  readonly name: string
  readonly caughtBy: RegExp
  store?(good: Store): Partial<Store>
  table?(good: Table): Partial<Table>
}

export const tick = () => new Promise((resolve) => setImmediate(resolve))

export const rowsAs =
  (change: (row: Row, before: Row | undefined) => Row) =>
  (good: Table): Partial<Table> => ({
    async replace(rows, until) {
      const befores = await Promise.all(rows.map(({ id }) => good.get(id)))
      return good.replace(
        rows.map((row, i) => ({ ...row, after: change(row.after, befores[i]) })),
        until,
      )
    },
  })

export const textsAs =
  (change: (text: string) => string) =>
  (good: Store): Partial<Store> => ({
    write: (id, how) =>
      good.write(id, { ...how, set: new Map([...how.set].map(([key, text]) => [key, change(text)])) }),
  })

export const keysAs =
  (change: (key: string) => string) =>
  (good: Store): Partial<Store> => ({
    write: (id, how) =>
      good.write(id, {
        ...how,
        set: new Map([...how.set].map(([key, text]) => [change(key), text])),
        delete: how.delete.map(change),
        expect: how.expect && new Map([...how.expect].map(([key, text]) => [change(key), text])),
      }),
  })

export const idsAs =
  (change: (id: string) => string) =>
  (good: Store): Partial<Store> => ({
    read: (id, how) => good.read(change(id), how),
    write: (id, how) => good.write(change(id), how),
    destroy: (id, how) => good.destroy(change(id), how),
    move: (from, to, how) => good.move(change(from), change(to), how),
    touch: (id, ttl) => good.touch(change(id), ttl),
  })
