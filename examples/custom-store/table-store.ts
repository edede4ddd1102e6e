import type {
  Change,
  DestroyHow,
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
import { tableLabels } from './labels.ts'
import { follow, recent, siblingsOf, snapshotId, whatMoved } from './moves.ts'
import { type Ended, type Row, type Rows, type Table, transact } from './table.ts'
import { retag, told } from './tags.ts'

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
        const { version, entries, tags } = row
        if (version === 0 && seen === 0) return { kind: 'absent' }
        const { behind, next } = judge(version, seen)
        if (behind > 0) rows.put(id, { ...row, version: next, expires: rows.now + ttl })
        else if (touch !== undefined) rows.put(id, { ...row, expires: rows.now + touch })
        return { kind: 'found', version: behind > 0 ? next : version, behind, entries, ...told(tags) }
      }),

    write: async (id, change) =>
      transact<WriteResult>(table, deadline(change), async (rows) => {
        const row = await rows.get(id)
        if (row.ended) return met(row.ended, rows.now)
        if (change.ifStored && row.version === 0) return { kind: 'absent' }
        const { expect = new Map(), set, seen, ttl, maxBytes } = change
        const found = new Map([...expect.keys()].map((key) => [key, row.entries.get(key)]))
        if ([...expect].some(([key, text]) => found.get(key) !== text)) return { kind: 'conflict', found }
        const tags = retag(row.tags, change)
        const isNothing = set.size === 0 && !tags.lifetime && tags.label === undefined
        if (row.version === 0 && seen === 0 && isNothing) return { kind: 'written', version: 0, behind: 0 }
        const entries = apply(change.clear ? new Map() : row.entries, change)
        const bytes = size(entries)
        if (bytes > maxBytes && bytes > size(row.entries)) return { kind: 'too-large', bytes }
        const { behind, next } = judge(row.version, seen)
        rows.put(id, { version: next, expires: rows.now + ttl, tags, from: row.from, entries })
        return { kind: 'written', version: next, behind, ...told(tags) }
      }),

    destroy: async (id, how) =>
      transact<DestroyResult>(table, deadline(how), async (rows) => {
        const row = await rows.get(id)
        if (!row.ended) {
          if (!isMeant(row, how)) return { kind: 'other-label' }
          rows.put(id, tombstone(row, 'destroyed', rows.now, how))
          const siblings = (await siblingsOf(rows, row, how)).filter((one) => one !== id)
          return { kind: 'destroyed', successors: await endAlong(rows, siblings, row, how) }
        }
        const age = rows.now - row.ended.at
        if (age > how.age && age > MOVE_WINDOW) return met(row.ended, rows.now)
        const living = [...(await siblingsOf(rows, row, how)), ...(await follow(rows, row.ended, how.except)).living]
        const along = await endAlong(rows, living, row, how)
        return along.length > 0 ? { kind: 'destroyed', successors: along } : met(row.ended, rows.now)
      }),

    move: async (from, to, how) =>
      transact<MoveResult>(table, deadline(how), async (rows) => {
        const [row, there] = [await rows.get(from), await rows.get(to)]
        const { ended } = row
        // The same move has been done, and answers the same.
        if (there.ended) return met(there.ended, rows.now)
        if (there.version > 0) return { kind: 'moved', version: there.version, behind: 0, ...told(there.tags) }
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
        const tags = began ? retag({}, how.begins ?? {}) : retag(source.tags, how)
        const ttl = (began && how.begins?.ttl) || how.ttl
        rows.put(to, { version, expires: rows.now + ttl, tags, from: origin, entries })
        return { kind: 'moved', version, behind, began, ...told(tags) }
      }),

    touch: (id, ttl) =>
      transact<TouchResult>(table, Number.POSITIVE_INFINITY, async (rows) => {
        const row = await rows.get(id)
        if (row.ended) return met(row.ended, rows.now)
        if (row.version === 0) return { kind: 'absent' }
        rows.put(id, { ...row, expires: rows.now + ttl })
        const { label } = row.tags ?? {}
        return label === undefined ? { kind: 'touched' } : { kind: 'touched', label }
      }),

    labels: tableLabels(table),
  }
}

/** How much of what the client has seen is missing, and the version of the next state: a number that never named another. */
function judge(version: number, seen: number): { behind: number; next: number } {
  return { behind: Math.max(0, seen - version), next: Math.max(version, seen) + 1 }
}

/** May it be ended? Where only what has a label is to be. */
function isMeant({ version, tags }: Row, { onlyLabel }: DestroyHow): boolean {
  return onlyLabel === undefined || version === 0 || tags?.label === onlyLabel
}

/** Destroys what a session went on as, and says what that was. */
async function endAlong(rows: Rows, living: readonly string[], moved: Row, how: DestroyHow): Promise<string[]> {
  const ended: string[] = []
  for (const id of new Set(living)) {
    const row = await rows.get(id)
    if (!isMeant(row, how)) continue
    rows.put(id, tombstone(row.version > 0 ? row : moved, 'destroyed', rows.now, how))
    ended.push(id)
  }
  return ended
}

function tombstone(
  { version, tags }: Row,
  end: End,
  at: number,
  { seen, tombstoneTtl, markTtl }: EndHow,
  successors: readonly string[] = [],
): Omit<Row, 'rev'> {
  // What never stored anything leaves no more than a mark.
  const longest = tags?.longest ? tags.longest * 1.25 + 60_000 : 0
  const ttl = version > 0 || seen > 0 ? Math.max(tombstoneTtl, longest) : markTtl
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
