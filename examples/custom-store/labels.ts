import { type Labels, StoreError } from 'limpet'
import { type Row, type Table, transact } from './table.ts'

/** No id has a ':', so nobody can ask for it. */
const indexId = (label: string) => `label:${label}`

/** Each label's index is one row: an id for each key, and until when it counts. */
export function tableLabels(table: Table): Labels {
  const change = async <Result>(
    label: string,
    within: number,
    work: (ids: Map<string, string>, now: number) => Result,
  ) => {
    if (within <= 0) throw new StoreError('the time for this write was over', { applied: false, outage: false })
    return transact<Result>(table, table.now() + within, async (rows) => {
      const ids = counting(await rows.get(indexId(label)), rows.now)
      const result = work(ids, rows.now)
      const expires = Math.max(rows.now + 1, ...[...ids.values()].map(Number))
      rows.put(indexId(label), { version: 1, expires, entries: ids })
      return result
    })
  }
  return {
    add: (label, id, { ttl, within }) =>
      change(label, within, (ids, now) => {
        const before = ids.get(id)
        ids.set(id, String(Math.max(Number(before ?? 0), now + ttl)))
        return before === undefined
      }),
    list: async (label) => {
      const row = await table.get(indexId(label))
      return row ? [...counting(row, table.now()).keys()] : []
    },
    remove: (label, gone, { within }) =>
      change(label, within, (ids) => {
        for (const id of gone) ids.delete(id)
      }),
  }
}

function counting({ entries }: Row, now: number): Map<string, string> {
  return new Map([...entries].filter(([, until]) => Number(until) > now))
}
