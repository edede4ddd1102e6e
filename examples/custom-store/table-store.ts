import type {
  Change,
  DestroyResult,
  End,
  EndHow,
  Entries,
  MoveResult,
  ReadResult,
  Store,
  Tombstone,
  TouchResult,
  WriteHow,
  WriteResult,
} from 'limpet'
import { MOVE_WINDOW, StoreError } from 'limpet'
import { follow, recent, siblingsOf, snapshotId, whatMoved } from './moves.ts'
import { type Ended, type Row, type Table, transact } from './table.ts'

/** A store over any database that can replace rows on condition. */
export function tableStore(table: Table): Store {
  const deadline = ({ within }: WriteHow) => {
    if (within > 0) return table.now() + within
    throw new StoreError('the time for this write was over', { applied: false, outage: false })
  }

  return {
    now: () => table.now(),

    read: (id, { seen, touch, ttl, within = 1000 }) =>
      transact<ReadResult>(table, table.now() + within, async (rows) => {
        const row = await rows.get(id)
        if (row.ended) return met(row.ended, rows.now)
        const { version, entries, lifetime } = row
        if (version === 0 && seen === 0) return { kind: 'absent' }
        const { behind, next } = judge(version, seen)
        if (behind > 0) rows.put(id, { ...row, version: next, expires: rows.now + ttl })
        else if (touch !== undefined) rows.put(id, { ...row, expires: rows.now + touch })
        return { kind: 'found', version: behind > 0 ? next : version, behind, entries, lifetime }
      }),

    write: async (id, change) =>
      transact<WriteResult>(table, deadline(change), async (rows) => {
        const row = await rows.get(id)
        if (row.ended) return met(row.ended, rows.now)
        const { expect = new Map(), set, seen, ttl, maxBytes, lifetime = row.lifetime } = change
        const found = new Map([...expect.keys()].map((key) => [key, row.entries.get(key)]))
        if ([...expect].some(([key, text]) => found.get(key) !== text)) return { kind: 'conflict', found }
        if (row.version === 0 && seen === 0 && set.size === 0) return { kind: 'written', version: 0, behind: 0 }
        const entries = apply(row.entries, change)
        const bytes = size(entries)
        if (bytes > maxBytes && bytes > size(row.entries)) return { kind: 'too-large', bytes }
        const { behind, next } = judge(row.version, seen)
        rows.put(id, { version: next, expires: rows.now + ttl, lifetime, from: row.from, entries })
        return { kind: 'written', version: next, behind }
      }),

    destroy: async (id, how) =>
      transact<DestroyResult>(table, deadline(how), async (rows) => {
        const row = await rows.get(id)
        if (!row.ended) {
          rows.put(id, tombstone(row, 'destroyed', rows.now, how))
          const siblings = (await siblingsOf(rows, row)).filter((one) => one !== id)
          for (const one of siblings) rows.put(one, tombstone(row, 'destroyed', rows.now, how))
          return { kind: 'destroyed', successors: siblings }
        }
        const age = rows.now - row.ended.at
        const along = new Set([...(await siblingsOf(rows, row)), ...(await follow(rows, row.ended)).living])
        if (along.size === 0 || (age > how.age && age > MOVE_WINDOW)) return met(row.ended, rows.now)
        for (const one of along) rows.put(one, tombstone(row, 'destroyed', rows.now, how))
        return { kind: 'destroyed', successors: [...along] }
      }),

    move: async (from, to, how) =>
      transact<MoveResult>(table, deadline(how), async (rows) => {
        const [row, there] = [await rows.get(from), await rows.get(to)]
        const { ended } = row
        // The same move has been done, and answers the same.
        if (there.ended) return met(there.ended, rows.now)
        if (there.version > 0) return { kind: 'moved', version: there.version, behind: 0 }
        const source = ended ? await whatMoved(rows, from, to, how) : row
        const began = source === 'begins'
        if (!began && source.ended) return met(source.ended, rows.now)
        const before = began ? { version: how.seen, entries: new Map() } : source
        const entries = apply(before.entries, { set: how.set, delete: [] })
        const bytes = size(entries)
        if (bytes > how.maxBytes && bytes > size(before.entries)) return { kind: 'too-large', bytes }
        const origin = { at: ended?.at ?? rows.now, id: from }
        if (ended) rows.put(from, { ...row, ended: { ...ended, successors: [...new Set(ended.successors).add(to)] } })
        else {
          rows.put(from, {
            ...tombstone(row, 'moved', rows.now, how, [to]),
            from: recent(row, rows.now),
          })
          await rows.get(snapshotId(from))
          if (row.version > 0) rows.put(snapshotId(from), { ...row, expires: rows.now + MOVE_WINDOW })
        }
        if (before.version === 0 && how.seen === 0 && entries.size === 0) {
          // What is written there first is found from the others, too.
          rows.put(to, { version: 0, expires: rows.now + MOVE_WINDOW, from: origin, entries })
          return { kind: 'moved', version: 0, behind: 0, began }
        }
        const { behind, next: version } = judge(before.version, how.seen)
        const lifetime = began ? undefined : (how.lifetime ?? source.lifetime)
        const ttl = (began && how.begins?.ttl) || how.ttl
        rows.put(to, { version, expires: rows.now + ttl, lifetime, from: origin, entries })
        return { kind: 'moved', version, behind, began }
      }),

    touch: (id, ttl) =>
      transact<TouchResult>(table, Number.POSITIVE_INFINITY, async (rows) => {
        const row = await rows.get(id)
        if (row.ended) return met(row.ended, rows.now)
        if (row.version === 0) return { kind: 'absent' }
        rows.put(id, { ...row, expires: rows.now + ttl })
        return { kind: 'touched' }
      }),
  }
}

/** How much of what the client has seen is missing, and the version of the next state: a number that never named another. */
function judge(version: number, seen: number): { behind: number; next: number } {
  return { behind: Math.max(0, seen - version), next: Math.max(version, seen) + 1 }
}

function tombstone(
  { version }: Row,
  end: End,
  at: number,
  { seen, tombstoneTtl, markTtl }: EndHow,
  successors: readonly string[] = [],
): Omit<Row, 'rev'> {
  // What never stored anything leaves no more than a mark.
  const ttl = version > 0 || seen > 0 ? tombstoneTtl : markTtl
  return { version, expires: at + ttl, ended: { at, end, successors }, entries: new Map() }
}

function met({ at, end }: Ended, now: number): Tombstone {
  return { kind: 'tombstone', age: now - at, end }
}

function apply(before: Entries, change: Pick<Change, 'set' | 'delete'>): Entries {
  const entries = new Map(before)
  for (const [key, text] of change.set) entries.set(key, text)
  for (const key of change.delete) entries.delete(key)
  return entries
}

function size(entries: Entries): number {
  let bytes = 0
  for (const [key, text] of entries) bytes += Buffer.byteLength(key) + Buffer.byteLength(text)
  return bytes
}
