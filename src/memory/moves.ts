import { type DestroyHow, type EndHow, MOVE_WINDOW, type MoveHow } from '../ports/store.ts'
import { type Data, type Ended, NO_DATA, type Shelves } from './shelves.ts'
import { buriedFor } from './tags.ts'

/** How many ids are looked at to find what a moved session went on as. */
const MOST_FOLLOWED = 100

/** One session goes on under no more ids than this. */
const MOST_SUCCESSORS = 20

interface Followed {
  /** Ids that have moved. */
  readonly moved: string[]
  /** Ids that have not ended; `isMark`: nothing was ever stored there. */
  readonly living: { readonly id: string; readonly isMark: boolean }[]
  /** One that was destroyed. */
  destroyed: Ended | undefined
}

/** A session that begins with what is set alone. */
export const BEGINS: Data = { ...NO_DATA }

/** What becomes of sessions that end, and what those can still do who come with the old id of a moved one. */
export class Moves {
  readonly #shelves: Shelves
  readonly #now: () => number

  constructor(shelves: Shelves, now: () => number) {
    this.#shelves = shelves
    this.#now = now
  }

  /** Destroys one id. */
  end(id: string, { tombstoneTtl, markTtl }: EndHow, isMark: boolean): void {
    const ended: Ended = { kind: 'ended', end: 'destroyed', since: this.#now(), version: 0, successors: [] }
    const { tags } = this.#living(id)
    this.#shelves.bury(id, ended, isMark, isMark ? markTtl : buriedFor(tags, tombstoneTtl))
  }

  /** May it be ended? Where only what has a label is to be. */
  isMeant(kept: Data | undefined, { onlyLabel }: DestroyHow): boolean {
    return onlyLabel === undefined || !kept?.version || kept.tags.label === onlyLabel
  }

  #living(id: string): Data {
    const kept = this.#shelves.get(id)
    return kept?.kind === 'data' ? kept : NO_DATA
  }

  /**
   * Destroys what a moved session went on as, if the request may do that, and says what that was. Undefined: nothing
   * was left to destroy.
   */
  endSuccessors(id: string, moved: Ended, how: DestroyHow): readonly string[] | undefined {
    const age = this.#now() - moved.since
    if (moved.end !== 'moved' || (age > how.age && age > MOVE_WINDOW)) return undefined
    return this.endSiblings(moved, how) ?? this.#endAll(id, moved, how)
  }

  /** The same for what else a session went on as, whose move was a moment ago; back to the first such move. */
  endSiblings(kept: Data | Ended, how: DestroyHow): readonly string[] | undefined {
    let first: readonly [string, Ended] | undefined
    let [from, looked] = [this.recent(kept), 0]
    while (from && looked++ < MOST_FOLLOWED) {
      const moved = this.#shelves.get(from.id)
      if (moved?.kind !== 'ended') break
      first = [from.id, moved]
      from = this.recent(moved)
    }
    return first && this.#endAll(...first, how)
  }

  /** Where it moved from, as long as that matters. */
  recent({ from }: Data | Ended): Data['from'] {
    return from && this.#now() - from.at <= MOVE_WINDOW ? from : undefined
  }

  /** What the next session remembers of where it comes from. */
  originOf(id: string, before: Data | Ended): Data['from'] {
    return { at: before.kind === 'ended' ? before.since : this.#now(), id }
  }

  /** What a session that has moved still gives away: what it held then, nothing, or its tombstone's word. */
  source(from: string, to: string, moved: Ended, { seen, age, begins }: MoveHow): Data | Ended {
    const { since, successors, version, end } = moved
    // The same move again, and what it made is gone.
    if (successors.includes(to)) return NO_DATA
    const passed = this.#now() - since
    // An age below zero is that of a clock that was set back: nobody knows what came first.
    const isEarly = passed >= 0 && passed <= age && seen === version
    if (end !== 'moved' || passed > MOVE_WINDOW || !(isEarly || begins)) return moved
    // What has been destroyed since does not come back this way.
    const { destroyed } = this.#follow(from, moved)
    if (destroyed || successors.length >= MOST_SUCCESSORS) return destroyed ?? moved
    const along = version === 0 ? NO_DATA : this.#shelves.snapshot(from)
    return (isEarly && along) || (begins ? BEGINS : moved)
  }

  /** Remembers where a session went. */
  note(from: string, to: string, before: Data | Ended, { seen, tombstoneTtl, markTtl }: MoveHow): void {
    if (before.kind === 'ended') {
      if (!before.successors.includes(to)) this.#shelves.addSuccessor(from, before, to)
      return
    }
    const { version } = before
    const isMark = version === 0 && seen === 0
    const moved: Ended = {
      kind: 'ended',
      end: 'moved',
      since: this.#now(),
      version,
      successors: [to],
      from: this.recent(before),
    }
    this.#shelves.bury(from, moved, isMark, isMark ? markTtl : buriedFor(before.tags, tombstoneTtl))
    if (version > 0) this.#shelves.keepSnapshot(from, before)
  }

  #endAll(id: string, moved: Ended, how: DestroyHow): readonly string[] | undefined {
    const { moved: ids, living: all } = this.#follow(id, moved, how.except)
    const living = all.filter(({ id: one }) => this.isMeant(this.#living(one), how))
    for (const one of ids) this.#shelves.dropSnapshot(one)
    for (const { id: one, isMark } of living) this.end(one, how, isMark)
    return living.length > 0 ? living.map(({ id: one }) => one) : undefined
  }

  /** Everything that a moved session went on as, through further moves. */
  #follow(id: string, first: Ended, except?: string): Followed {
    const followed: Followed = { moved: [], living: [], destroyed: undefined }
    const left: [string, Ended][] = [[id, first]]
    let looked = 0
    for (let next = left.shift(); next; next = left.shift()) {
      const [from, { successors, version }] = next
      followed.moved.push(from)
      for (const successor of successors) {
        if (looked++ >= MOST_FOLLOWED) return followed
        if (successor === except) continue
        const kept = this.#shelves.get(successor)
        if (kept?.kind !== 'ended') followed.living.push({ id: successor, isMark: !kept?.version && version === 0 })
        else if (kept.end === 'moved') left.push([successor, kept])
        else followed.destroyed ??= kept
      }
    }
    return followed
  }
}
