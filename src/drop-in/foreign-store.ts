import { apply, judge, refuseLate, stopped } from '../memory/changes.ts'
import { NO_DATA } from '../memory/shelves.ts'
import { buriedFor, retag, told } from '../memory/tags.ts'
import {
  type Change,
  type DestroyHow,
  type EndHow,
  MOVE_WINDOW,
  type MoveHow,
  type Store,
  type Tombstone,
} from '../ports/store.ts'
import { EXPRESS_FORM, ForeignRecords, type ForeignStore, type Kept, NOTHING } from './foreign-records.ts'

/** How many ids are looked at to find what a moved session went on as. */
const MOST_FOLLOWED = 100

/** Is it one of express-session's? Limpet's stores have `read` and `write`. */
export function isForeign(store: unknown): store is ForeignStore {
  const { get, set, destroy, read } = Object(store)
  return [get, set, destroy].every((method) => typeof method === 'function') && typeof read !== 'function'
}

/**
 * A store written for express-session, as a store of limpet. It has no compare-and-set and does not tell of changes:
 * within this process operations on one session come one after the other; two backends can still undo each other's
 * writes, when both read before either writes.
 */
export function foreignStore(foreign: ForeignStore, form = EXPRESS_FORM, now: () => number = Date.now): Store {
  const records = new ForeignRecords(foreign, form)
  const turns = new Map<string, Promise<unknown>>()

  /** Operations on one session come one after the other. */
  function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = turns.get(id) ?? Promise.resolve()
    const mine = before.then(work, work)
    turns.set(id, mine)
    const done = () => void (turns.get(id) === mine && turns.delete(id))
    mine.then(done, done)
    return mine
  }

  const met = ({ end = 'destroyed', at = 0 }: Kept): Tombstone => ({ kind: 'tombstone', end, age: now() - at })
  const asData = (kept: Kept) => ({ ...NO_DATA, version: kept.version, lost: kept.lost, entries: kept.entries })

  async function bury(id: string, kept: Kept, how: EndHow, rest: Partial<Kept>): Promise<void> {
    const isMark = kept.version === 0 && how.seen === 0
    const ttl = isMark ? how.markTtl : buriedFor(kept, how.tombstoneTtl)
    await records.save(id, { ...NOTHING, version: kept.version, end: 'destroyed', at: now(), ttl, ...rest })
  }

  async function write(id: string, change: Change) {
    refuseLate(change)
    const kept = await records.load(id)
    if (kept.end) return met(kept)
    const { seen, ttl, set, maxBytes } = change
    if (change.ifStored && kept.version === 0) return { kind: 'absent' } as const
    const stop = stopped(asData(kept), change, now())
    if (stop) return stop.result
    const tags = retag(kept, change)
    if (kept.version === 0 && seen === 0 && set.size === 0 && tags.lifetime === undefined) {
      return { kind: 'written', version: 0, behind: 0 } as const
    }
    const { entries, bytes } = apply(change.clear ? NOTHING.entries : kept.entries, set, change.delete)
    if (bytes > maxBytes && bytes > apply(kept.entries, NOTHING.entries, []).bytes) {
      return { kind: 'too-large', bytes } as const
    }
    const { behind, lost, next } = judge(asData(kept), seen)
    await records.save(id, { ...told(tags), version: next, lost, entries, ttl })
    return { kind: 'written', version: next, behind, ...told(tags) } as const
  }

  async function destroy(id: string, how: DestroyHow) {
    refuseLate(how)
    const kept = await records.load(id)
    if (!kept.end) {
      await bury(id, kept, how, {})
      return { kind: 'destroyed' } as const
    }
    const age = now() - (kept.at ?? 0)
    if (kept.end === 'destroyed' || (age > how.age && age > MOVE_WINDOW)) return met(kept)
    const ended: string[] = []
    const left = [...(kept.successors ?? [])]
    for (let looked = 0; left.length > 0 && looked < MOST_FOLLOWED; looked++) {
      const one = left.shift() ?? ''
      const there = await records.load(one)
      if (there.end === 'moved') left.push(...(there.successors ?? []))
      if (there.end) continue
      await bury(one, there, how, {})
      ended.push(one)
    }
    return ended.length > 0 ? ({ kind: 'destroyed', successors: ended } as const) : met(kept)
  }

  async function move(from: string, to: string, how: MoveHow) {
    refuseLate(how)
    const [kept, there] = [await records.load(from), await records.load(to)]
    if (there.end) return met(there)
    if (there.version > 0) {
      const { behind } = judge(asData(there), how.seen)
      return { kind: 'moved', version: there.version, behind, ...told(there) } as const
    }
    const begins = kept.end === 'moved' && now() - (kept.at ?? 0) <= MOVE_WINDOW ? how.begins : undefined
    if (kept.end && !begins) return met(kept)
    const source = kept.end ? NOTHING : kept
    const { entries, bytes } = apply(source.entries, how.set, [])
    if (bytes > how.maxBytes) return { kind: 'too-large', bytes } as const
    const successors = [...(kept.successors ?? []), to]
    const leave = () => bury(from, kept, how, { end: 'moved', at: kept.at ?? now(), successors })
    if (source.version === 0 && how.seen === 0 && entries.size === 0) {
      await leave()
      return { kind: 'moved', version: 0, behind: 0, ...(begins && { began: true }) } as const
    }
    const { behind, lost, next } = judge(asData(source), how.seen)
    const tags = retag(source, begins ?? how)
    // First what it goes on as: whoever sees the tombstone finds it.
    await records.save(to, { ...told(tags), version: next, lost, entries, ttl: begins?.ttl ?? how.ttl })
    await leave()
    return {
      kind: 'moved',
      version: next,
      behind: begins ? 0 : behind,
      ...(begins && { began: true }),
      ...told(tags),
    } as const
  }

  return {
    read: (id, { seen, touch, ttl }) =>
      inTurn(id, async () => {
        const kept = await records.load(id)
        if (kept.end) return met(kept)
        const { behind, lost, isNew, next } = judge(asData(kept), seen)
        if (isNew) await records.save(id, { ...kept, version: next, lost, ttl })
        else if (kept.version === 0) return { kind: 'absent' }
        else if (touch !== undefined) await records.save(id, { ...kept, ttl: touch })
        const version = isNew ? next : kept.version
        return { kind: 'found', version, behind, entries: kept.entries, lost, ...told(kept) }
      }),
    write: (id, change) => inTurn(id, () => write(id, change)),
    destroy: (id, how) => inTurn(id, () => destroy(id, how)),
    move: (from, to, how) => inTurn(from, () => move(from, to, how)),
    touch: (id, ttl) =>
      inTurn(id, async () => {
        const kept = await records.load(id)
        if (kept.end) return met(kept)
        if (kept.version === 0) return { kind: 'absent' }
        await records.save(id, { ...kept, ttl })
        return { kind: 'touched' }
      }),
  }
}
