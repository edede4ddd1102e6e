import { type DestroyHow, MOVE_WINDOW, type MoveHow } from 'limpet'
import type { Ended, Row, Rows } from './table.ts'

/** Nothing here may grow without end. */
const MOST_FOLLOWED = 100
const MOST_SUCCESSORS = 20

/** Where a session is kept as it was when it moved, for those who began before. Nobody can ask for it: no id has a '~'. */
export const snapshotId = (id: string) => `${id}~`

/** What a session that moved went on as, through further moves: the ids that live, and the row of one that was destroyed. */
export async function follow(rows: Rows, { successors }: Ended, except?: string) {
  const living: string[] = []
  let destroyed: Row | undefined
  const left = [...successors]
  for (let i = 0; i < left.length && i < MOST_FOLLOWED; i++) {
    const id = left[i] ?? ''
    if (id === except) continue
    const row = await rows.get(id)
    if (!row.ended) living.push(id)
    else if (row.ended.end === 'moved') left.push(...row.ended.successors)
    else destroyed = row
  }
  return { living, destroyed }
}

/** Where it moved from, as long as that matters. */
export const recent = ({ from }: Row, now: number) => (from && now - from.at <= MOVE_WINDOW ? from : undefined)

/** What else a session has just gone on as, back to the first move that was as recent: a logout ends all of it. */
export async function siblingsOf(rows: Rows, row: Row, { except }: DestroyHow): Promise<string[]> {
  let first: Ended | undefined
  let from = recent(row, rows.now)
  for (let looked = 0; from && looked < MOST_FOLLOWED; looked++) {
    const before = await rows.get(from.id)
    if (!before.ended) break
    first = before.ended
    from = recent(before, rows.now)
  }
  return first ? (await follow(rows, first, except)).living : []
}

/** What a session that has moved still gives away: what it held then, its tombstone, or no more than leave to begin. */
export async function whatMoved(rows: Rows, from: string, to: string, how: MoveHow): Promise<Row | 'begins'> {
  const row = await rows.get(from)
  const { ended, version } = row
  if (!ended) return row
  const passed = rows.now - ended.at
  const isEarly = passed >= 0 && passed <= how.age && how.seen === version
  // The same move again, and what it made is gone.
  if (ended.successors.includes(to)) return rows.get(to)
  if (ended.end !== 'moved' || passed > MOVE_WINDOW || !(isEarly || how.begins)) return row
  // What was destroyed since does not come back this way.
  const { destroyed } = await follow(rows, ended)
  if (destroyed || ended.successors.length >= MOST_SUCCESSORS) return destroyed ?? row
  const along = await rows.get(version === 0 ? to : snapshotId(from))
  if (isEarly && along.version === version) return along
  return how.begins ? 'begins' : row
}
