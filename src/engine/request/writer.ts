import { isStoreError } from '../../core/errors.ts'
import { MARK_TTL } from '../../core/lifetime.ts'
import type { Change, DestroyHow, Entries, WriteResult } from '../../ports/store.ts'
import { type Copy, NO_ENTRIES, type State } from '../process/session-cache.ts'
import { IdChange } from './change-id.ts'
import { endSession } from './ending.ts'
import { settlePendingMove } from './pending-move.ts'
import type { Moment, Reader } from './reader.ts'
import { destroyed, refuseTooLarge, tooLarge } from './refusals.ts'
import type { RequestState } from './state.ts'
import { touchSoon } from './touch.ts'

const NOTHING: State = { version: 0, entries: NO_ENTRIES, lost: undefined }

export type Edit = Pick<Change, 'set' | 'delete' | 'expect' | 'claim' | 'clear' | 'lifetime' | 'label'>

/** Why a write that expects something was not done: another text stands there, or somebody else is next. */
export type Obstacle =
  | { readonly kind: 'conflict'; readonly found: ReadonlyMap<string, string | undefined> }
  | { readonly kind: 'claimed'; readonly ms: number }

/** What was known when a write set out, to tell afterwards whether anybody came in between. */
interface Before extends Moment {
  /** Nobody but this request knew the session. */
  readonly unused: boolean
  readonly seen: number
}

type Base = State & Pick<Copy, 'at'>

/** Writes for one request: each is one store call, and afterwards the token and the local copy say what it did. */
export class Writer {
  readonly #state: RequestState
  readonly #reader: Reader
  /** What the store has not answered this request yet. */
  readonly #underWay = new Set<Promise<unknown>>()
  /** The session gets another id at this moment: writes wait, and go to that one. */
  #changingId: Promise<unknown> | undefined

  constructor(state: RequestState, reader: Reader) {
    this.#state = state
    this.#reader = reader
  }

  /** Undefined: it is written. */
  write(edit: Edit): Promise<Obstacle | undefined> {
    const write = () => this.#write(edit)
    return this.#track(this.#changingId ? this.#changingId.then(write, write) : write())
  }

  /**
   * The same with a label, to which the session is known before its own write says so. Rejects when somebody ends all
   * of that label meanwhile.
   */
  async label(label: string): Promise<void> {
    await this.write({ set: NO_ENTRIES, delete: [], expect: undefined, label })
    const { services, id, stay } = this.#state
    if (!(await services.labels.add(label, id, stay))) return
    await this.destroy()
    throw destroyed()
  }

  /**
   * The data is gone on every backend, and the request goes on with a new session; with one in any case, also when the
   * store could not be told.
   */
  destroy(): Promise<void> {
    return this.#alone(() => this.#destroy())
  }

  /** The session goes on under a new id, with these values beside what it held. */
  regenerate(set: Entries): Promise<void> {
    const write = (first: Entries) => this.#write({ set: first, delete: [], expect: undefined })
    const change = new IdChange(this.#state, this.#reader, write)
    return this.#alone(() => change.run(set))
  }

  /**
   * `change` begins when all else has been answered, and what is written meanwhile waits for it. What is written under
   * an id just left would be lost.
   */
  async #alone(change: () => Promise<void>): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    const changing = this.#track(change())
    this.#changingId = changing
    const done = () => {
      if (this.#changingId === changing) this.#changingId = undefined
    }
    changing.then(done, done)
    await changing
  }

  #track<T>(call: Promise<T>): Promise<T> {
    this.#underWay.add(call)
    const done = () => void this.#underWay.delete(call)
    call.then(done, done)
    return call
  }

  async #write(edit: Edit): Promise<Obstacle | undefined> {
    const state = this.#state
    const { maxSessionBytes: maxBytes } = state.services.config
    refuseTooLarge(edit.set, maxBytes)
    state.useForWriting()
    if (state.token.pendingFrom !== undefined && (await settlePendingMove(state, this.#reader)) === 'over') {
      throw destroyed()
    }
    const { id } = state
    const before: Before = { ...this.#reader.moment(), unused: !state.isKnown, seen: state.token.version }
    const ttl = edit.lifetime === undefined ? state.ttl : state.ttlWith(edit.lifetime || undefined)
    if (edit.label) await this.#announce(id, edit.label)
    const within = state.services.store.timeout
    const result = await this.#send(id, {
      ...edit,
      seen: before.seen,
      ttl,
      within,
      known: state.isKnown,
      maxBytes,
      createdAt: edit.label ? state.createdAt : state.createdAtIfLimited,
    })
    switch (result.kind) {
      case 'written':
        this.#written(id, edit, result, before)
        return undefined
      case 'conflict':
      case 'claimed':
        return result
      case 'absent':
        // Only asked for from outside of requests.
        return undefined
      case 'too-large':
        throw tooLarge(result.bytes, maxBytes)
      case 'tombstone':
        this.#reader.forget(id)
        if (state.meets(id, result) === 'over') throw destroyed()
        // A client came back with the cookie of a session that ended: what it writes goes to the new one.
        return this.#write(edit)
    }
  }

  async #destroy(): Promise<void> {
    const state = this.#state
    // Also one of which this backend knows that it has ended: the store may not know it yet.
    const { asked } = state
    if (asked === undefined) return state.replace()
    // A session whose move is pending lives under one of two ids, and nobody knows which.
    const { id, pendingFrom } = asked
    const ids = pendingFrom === undefined ? [id] : [pendingFrom, id]
    const ends = await Promise.allSettled(ids.map((one) => this.#end(one)))
    const failed = ends.find((end) => end.status === 'rejected')
    // Another logout, or a login, has given the client a newer cookie than this response could bring.
    const last = ends.at(-1)
    if (failed || !(last?.status === 'fulfilled' && last.value)) state.replace()
    if (failed) throw failed.reason
  }

  /**
   * True: another request has ended it while this one ran. Whatever becomes of it, this backend serves nothing of this
   * session any more.
   */
  async #end(id: string): Promise<boolean> {
    this.#reader.forget(id)
    const result = await endSession(this.#state.services, id, this.#endHow(), NOT_TOLD)
    return result.kind === 'tombstone' && result.end === 'destroyed' && this.#state.meets(id, result) === 'over'
  }

  /** A session is in its label's index before it says so itself: whoever ends all of the label looks there. */
  async #announce(id: string, label: string): Promise<void> {
    await this.#state.services.labels.add(label, id, this.#state.stay)
  }

  async #send(id: string, change: Change): Promise<WriteResult> {
    try {
      return await this.#state.services.store.call('write', (store) => store.write(id, change))
    } catch (error) {
      if (isStoreError(error) && error.applied === 'unknown') {
        this.#reader.forget(id)
        if (id === this.#state.id) this.#state.wrote(undefined)
      }
      throw error
    }
  }

  #written(id: string, edit: Edit, result: WriteResult & { kind: 'written' }, before: Before): void {
    const { version, behind, lifetime, label, begins } = result
    const { cache, labels, log } = this.#state.services
    const disturbed = log.changedAfter(id, before.order) || cache.generation !== before.generation || behind > 0
    // Only what was there one version ago, with the edit applied, is what is there now.
    const nothing = begins ?? (before.unused && version === 1)
    const base: Base | undefined = nothing
      ? { ...NOTHING, lost: version > 1 ? { above: 0, upTo: version - 1 } : undefined, at: before.at }
      : this.#reader.exactly(id, version - 1)
    this.#reader.forget(id)
    if (id === this.#state.id) {
      const known = this.#state.token.lifetime
      this.#state.wrote(version, lifetime)
      // It was stored for as long as another lifetime wants.
      if (edit.lifetime === undefined && lifetime !== known) touchSoon(this.#state.services, id, this.#state.stay)
      if (label !== undefined) labels.used(label, id, this.#state.stay)
    }
    this.#reader.noticeLoss(before.seen, behind)
    if (disturbed) return
    const now = { order: log.order, generation: cache.generation, at: before.at }
    if (version === 0) this.#reader.learn(id, NOTHING, now)
    else if (base) {
      const state = { version, entries: applied(base.entries, edit), lost: base.lost, lifetime }
      this.#reader.learn(id, state, { ...now, at: base.at })
    }
  }

  #endHow(): DestroyHow {
    const { age, asked, ttl, tombstoneTtl, services } = this.#state
    return { seen: asked?.version ?? 0, ttl, tombstoneTtl, markTtl: MARK_TTL, age, within: services.store.timeout }
  }
}

/** What a logout adds to the failure of the store. */
const NOT_TOLD =
  'the client gets the cookie of a new session all the same, this backend serves nothing of the old one any more, and it tells the store when ' +
  'that answers again'

function applied(entries: Entries, edit: Edit): Entries {
  const next = new Map(edit.clear ? NO_ENTRIES : entries)
  for (const [key, text] of edit.set) next.set(key, text)
  for (const key of edit.delete) next.delete(key)
  return next
}
