import { randomUUID } from 'node:crypto'
import type {
  Change,
  DestroyResult,
  Entries,
  MoveResult,
  ReadResult,
  Retired,
  Store,
  TouchResult,
  WriteHow,
  WriteResult,
} from 'limpet'
import { StoreError } from 'limpet'

/** A session, or the tombstone of one, as one row. */
export interface Row {
  /** Another one with every replacement: it tells whether a row is still the one that was read. */
  readonly rev: string
  readonly version: number
  /** Milliseconds since 1970. */
  readonly expires: number
  /** When it was destroyed or moved, in milliseconds since 1970; undefined: it was not. */
  readonly retired?: number | undefined
  readonly moved?: boolean | undefined
  readonly entries: Entries
}

export interface Replacement {
  readonly id: string
  /** The `rev` that was read; undefined: there was no row, or it had expired. */
  readonly before: string | undefined
  readonly after: Row
}

/** All that a database has to do. */
export interface Table {
  /** Milliseconds since 1970, by the clock that judges `expires` and `until`. */
  now(): number
  /** The row, unless it has expired. */
  get(id: string): Promise<Row | undefined>
  /** Replaces all these rows, if each still is what was read; else none, and says false. Rejects without a trace from `until` on. */
  replace(rows: readonly Replacement[], until: number): Promise<boolean>
}

/** What an operation makes of the row that it found. */
interface Decision<Result> {
  readonly result: Result
  /** Undefined: nothing changes. */
  readonly becomes?: Omit<Row, 'rev'> | undefined
  /** What is put under another id in the same step. */
  readonly also?: { readonly id: string; readonly row: Omit<Row, 'rev'> } | undefined
}

const NOTHING: Row = { rev: '', version: 0, expires: 0, entries: new Map() }

/** A store over any database that can replace a row on condition: reads, decides, replaces, and starts again when somebody was faster. */
export function tableStore(table: Table): Store {
  const transact = async <Result>(id: string, until: number, decide: (row: Row, now: number) => Decision<Result>) => {
    for (;;) {
      const row = await table.get(id)
      const { result, becomes, also } = decide(row ?? NOTHING, table.now())
      if (!becomes) return result
      const rows: Replacement[] = [{ id, before: row?.rev, after: { ...becomes, rev: randomUUID() } }]
      // Nobody has heard of this id yet, so nothing can be there.
      if (also) rows.push({ id: also.id, before: undefined, after: { ...also.row, rev: randomUUID() } })
      if (await table.replace(rows, until)) return result
    }
  }
  /** The same, where a tombstone answers for itself. */
  const unlessRetired = <Result>(id: string, until: number, decide: (row: Row, now: number) => Decision<Result>) =>
    transact<Result | Retired>(id, until, (row, now) =>
      row.retired === undefined ? decide(row, now) : { result: met(row, row.retired, now) },
    )
  const deadline = ({ within }: WriteHow) => {
    if (within > 0) return table.now() + within
    throw new StoreError('the time for this write was over', { applied: false, outage: false })
  }

  return {
    read: (id, { seen, renew, ttl, within = 1000 }) =>
      unlessRetired<ReadResult>(id, table.now() + within, ({ version, entries }, now) => {
        if (version === 0 && seen === 0) return { result: { kind: 'absent' } }
        const { behind, next } = judge(version, seen)
        if (behind > 0) {
          const becomes = { version: next, expires: now + ttl, entries }
          return { result: { kind: 'found', version: next, behind, entries }, becomes }
        }
        const becomes = renew === undefined ? undefined : { version, expires: now + renew, entries }
        return { result: { kind: 'found', version, behind, entries }, becomes }
      }),

    write: async (id, change) =>
      unlessRetired<WriteResult>(id, deadline(change), ({ version, entries: before }, now) => {
        const { expect, seen, ttl, maxBytes } = change
        const text = expect && before.get(expect.key)
        if (expect && text !== expect.text) return { result: { kind: 'conflict', text } }
        const entries = apply(before, change)
        const bytes = size(entries)
        if (bytes > maxBytes && bytes > size(before)) return { result: { kind: 'too-large', bytes } }
        const { behind, next } = judge(version, seen)
        return {
          result: { kind: 'written', version: next, behind },
          becomes: { version: next, expires: now + ttl, entries },
        }
      }),

    destroy: async (id, how) =>
      unlessRetired<DestroyResult>(id, deadline(how), ({ version }, now) => {
        const { next } = judge(version, how.seen)
        return { result: { kind: 'destroyed' }, becomes: tombstone(next, now, how.ttl, false) }
      }),

    move: async (from, to, how) =>
      unlessRetired<MoveResult>(from, deadline(how), ({ version, entries }, now) => {
        const { behind, next } = judge(version, how.seen)
        return {
          result: { kind: 'moved', version: next, behind },
          becomes: tombstone(next, now, how.tombstoneTtl, true),
          also: { id: to, row: { version: next, expires: now + how.ttl, entries } },
        }
      }),

    touch: (id, ttl) =>
      transact<TouchResult>(id, Number.POSITIVE_INFINITY, (row, now) => {
        if (row.version === 0) return { result: { kind: 'absent' } }
        const becomes = { ...row, expires: now + ttl }
        if (row.retired === undefined) return { result: { kind: 'touched' }, becomes }
        return { result: met(row, row.retired, now), becomes }
      }),
  }
}

/** How much of what the client has seen is missing, and the version of the next state: a number that never named another. */
function judge(version: number, seen: number): { behind: number; next: number } {
  return { behind: Math.max(0, seen - version), next: Math.max(version, seen) + 1 }
}

function tombstone(version: number, now: number, ttl: number, moved: boolean): Omit<Row, 'rev'> {
  return { version, expires: now + ttl, retired: now, moved, entries: new Map() }
}

function met(row: Row, retired: number, now: number): Retired {
  return { kind: 'retired', age: now - retired, moved: row.moved === true }
}

function apply(before: Entries, change: Change): Entries {
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
