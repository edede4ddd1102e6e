import { MOVE_WINDOW, type MoveHow } from 'limpet'
import type { Ended, Row, Rows } from './table.ts'

/** Nothing here may grow without end. */
const MOST_FOLLOWED = 100
const MOST_SUCCESSORS = 20

/** Where a session is kept as it was when it moved, for those who began before. Nobody can ask for it: no id has a '~'. */
export const snapshotId = (id: string) => `${id}~`

/** What a session that moved went on as, through further moves: the ids that live, and the row of one that was destroyed. */
export async function follow(rows: Rows, { successors }: Ended) {
  const living: string[] = []
  let destroyed: Row | undefined
  const left = [...successors]
  for (let i = 0; i < left.length && i < MOST_FOLLOWED; i++) {
    const id = left[i] ?? ''
    const row = await rows.get(id)
    if (!row.ended) living.push(id)
    else if (row.ended.end === 'moved') left.push(...row.ended.successors)
    else destroyed = row
  }
  return { living, destroyed }
}

/** Where a session that moves comes from. Of several moves in a short time the first counts. */
export function originOf(id: string, { ended, from }: Row, now: number): Row['from'] {
  if (ended) return { at: ended.at, id }
  return from && now - from.at <= MOVE_WINDOW ? from : { at: now, id }
}

/** What else a session has just gone on as: a logout ends all of it. */
export async function siblingsOf(rows: Rows, { from }: Row): Promise<string[]> {
  if (!from || rows.now - from.at > MOVE_WINDOW) return []
  const { ended } = await rows.get(from.id)
  return ended ? (await follow(rows, ended)).living : []
}

/** What a session that has moved still gives away: what it held then, or its tombstone. */
export async function whatMoved(rows: Rows, from: string, to: string, { seen, age }: MoveHow): Promise<Row> {
  const row = await rows.get(from)
  const { ended, version } = row
  if (!ended) return row
  const passed = rows.now - ended.at
  const isEarly = ended.end === 'moved' && passed >= 0 && passed <= age && passed <= MOVE_WINDOW && seen === version
  // The same move again, and what it made is gone.
  if (ended.successors.includes(to)) return rows.get(to)
  if (!isEarly || ended.successors.length >= MOST_SUCCESSORS) return row
  // What was destroyed since does not come back this way.
  const { destroyed } = await follow(rows, ended)
  if (destroyed) return destroyed
  if (version === 0) return rows.get(to)
  const snapshot = await rows.get(snapshotId(from))
  return snapshot.version > 0 ? snapshot : row
}
