import { open, readFile, rename } from 'node:fs/promises'
import { StoreError } from 'limpet'
import type { Row, Table } from './table.ts'

type Rows = ReadonlyMap<string, Row>

/** A table in one file of JSON, for one process: in memory while it runs, and on the disk before anybody is told that it is saved. */
export async function fileTable(path: string): Promise<Table> {
  let rows: Rows = await load(path)
  let last: Promise<unknown> = Promise.resolve()
  const now = Date.now
  const current = (id: string) => {
    const row = rows.get(id)
    return row && row.expires > now() ? row : undefined
  }

  return {
    now,
    async get(id) {
      return current(id)
    },
    replace(replacements, until) {
      const mine = last.then(async () => {
        if (replacements.some(({ id, before }) => current(id)?.rev !== before)) return false
        const next = new Map([...rows].filter(([, row]) => row.expires > now()))
        for (const { id, after } of replacements) next.set(id, after)
        await save(path, next, () => now() >= until)
        rows = next
        return true
      })
      // One after the other; a failure is its own caller's alone.
      last = mine.catch(() => undefined)
      return mine
    },
  }
}

async function load(path: string): Promise<Rows> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map()
    throw error
  }
  const saved = JSON.parse(text) as [string, Omit<Row, 'entries'> & { entries: [string, string][] }][]
  return new Map(saved.map(([id, row]) => [id, { ...row, entries: new Map(row.entries) }]))
}

/** The whole file or nothing of it: what is new becomes the file by being renamed. */
async function save(path: string, rows: Rows, tooLate: () => boolean): Promise<void> {
  try {
    const file = await open(`${path}.new`, 'w')
    try {
      await file.writeFile(JSON.stringify([...rows].map(([id, row]) => [id, { ...row, entries: [...row.entries] }])))
      await file.sync()
    } finally {
      await file.close()
    }
    if (tooLate()) throw new Error('its time was over before it was on the disk')
    await rename(`${path}.new`, path)
  } catch (cause) {
    throw new StoreError(`the sessions could not be saved in ${path}: ${cause}`, {
      applied: false,
      outage: true,
      cause,
    })
  }
}
