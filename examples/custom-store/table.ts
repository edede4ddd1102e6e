import { randomUUID } from 'node:crypto'
import type { End, Entries } from 'limpet'
import type { Kept } from './tags.ts'

/** A session, or the tombstone of one, as one row. */
export interface Row {
  /** Another one with every replacement: it tells whether a row is still the one that was read. */
  readonly rev: string
  /** Of a session that moved: the version that moved. */
  readonly version: number
  /** Milliseconds since 1970. */
  readonly expires: number
  /** Undefined: it did not end. */
  readonly ended?: Ended | undefined
  readonly tags?: Kept | undefined
  /** Of a session that has just moved: when, and from which id. */
  readonly from?: { readonly at: number; readonly id: string } | undefined
  readonly entries: Entries
}

export interface Ended {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly end: End
  /** The ids under which a session that moved went on. */
  readonly successors: readonly string[]
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

const NOTHING: Row = { rev: '', version: 0, expires: 0, entries: new Map() }

/** The rows that one operation reads, and what it makes of them. */
export class Rows {
  readonly now: number
  readonly #table: Table
  readonly #before = new Map<string, Row>()
  readonly #after = new Map<string, Omit<Row, 'rev'>>()

  constructor(table: Table) {
    this.#table = table
    this.now = table.now()
  }

  async get(id: string): Promise<Row> {
    const row = this.#before.get(id) ?? (await this.#table.get(id)) ?? NOTHING
    this.#before.set(id, row)
    return row
  }

  /** For an id that has been read. */
  put(id: string, row: Omit<Row, 'rev'>): void {
    this.#after.set(id, row)
  }

  /** False: somebody was faster, and nothing has happened. */
  async replace(until: number): Promise<boolean> {
    if (this.#after.size === 0) return true
    // What was only read goes back as it was: the decision holds as long as that is still so.
    for (const [id, row] of this.#before) if (row !== NOTHING && !this.#after.has(id)) this.#after.set(id, row)
    const replacements = [...this.#after].map(([id, row]) => ({
      id,
      before: this.#before.get(id)?.rev || undefined,
      after: { ...row, rev: randomUUID() },
    }))
    return this.#table.replace(replacements, until)
  }
}

/** Reads, decides, replaces, and starts again when somebody was faster. */
export async function transact<Result>(table: Table, until: number, decide: (rows: Rows) => Promise<Result>) {
  for (;;) {
    const rows = new Rows(table)
    const result = await decide(rows)
    if (await rows.replace(until)) return result
  }
}
