import { isStoreError } from '../core/errors.ts'
import type { Change, Entries, MoveResult, Store, WriteHow, WriteResult } from '../ports/store.ts'
import type { Copy, State } from './copies.ts'
import type { Engine } from './engine.ts'
import { type Moment, NO_ENTRIES, type Reader } from './reader.ts'
import { destroyed, refuseTooLarge, tooLarge } from './refusals.ts'
import type { Visit } from './visit.ts'

const NOTHING: State = { version: 0, entries: NO_ENTRIES, lost: undefined }

export type Edit = Pick<Change, 'set' | 'delete' | 'expect'>

/** What stands where an edit expected something else. */
export interface Obstacle {
  readonly text: string | undefined
}

/** What was known when a write set out, to tell afterwards whether anybody came in between. */
interface Before extends Moment {
  /** Nothing was stored yet. */
  readonly unused: boolean
  readonly seen: number
}

type Base = State & Pick<Copy, 'at'>

/** Writes for one request: each is one store call, and afterwards the token and the local copy say what it did. */
export class Writer {
  readonly #visit: Visit
  readonly #engine: Engine
  readonly #reader: Reader
  /** What the store has not answered this request yet. */
  readonly #underWay = new Set<Promise<unknown>>()
  /** The session gets another id at this moment: writes wait, and go to that one. */
  #changingId: Promise<unknown> | undefined

  constructor(visit: Visit, reader: Reader) {
    this.#visit = visit
    this.#engine = visit.engine
    this.#reader = reader
  }

  /** Undefined: it is written. */
  write(edit: Edit): Promise<Obstacle | undefined> {
    const write = () => this.#write(edit)
    return this.#track(this.#changingId ? this.#changingId.then(write, write) : write())
  }

  /** Alone: `change` begins when all else has been answered, and what is written meanwhile waits for it. What is written under an id just left would be lost. */
  async changeId(change: () => Promise<void>): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    const changing = this.#track(change())
    this.#changingId = changing
    const done = () => {
      this.#changingId = undefined
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
    const { maxSessionBytes: maxBytes } = this.#engine.config
    refuseTooLarge(edit.set, maxBytes)
    if (this.#visit.isOver) throw destroyed()
    const { id } = this.#visit
    const before = this.#before()
    const { seen, ttl, within } = this.#how()
    const change = { set: edit.set, delete: edit.delete, expect: edit.expect, seen, ttl, within, maxBytes }
    const result = await this.#send(id, change)
    switch (result.kind) {
      case 'written':
        this.#written(id, edit, result, before)
        return undefined
      case 'conflict':
        return { text: result.text }
      case 'too-large':
        throw tooLarge(result.bytes, maxBytes)
      case 'retired': {
        if (!this.#visit.endedElsewhere(id, result)) throw destroyed()
        // A client came back with the cookie of a destroyed session: what it writes goes to the new one.
        return this.#write(edit)
      }
    }
  }

  /** The data is gone, and the visit goes on with a new session. */
  destroy(): Promise<void> {
    return this.changeId(async () => {
      const { id, isKnown } = this.#visit
      if (isKnown) {
        const result = await this.#end('destroy', id, (store) =>
          store.destroy(id, { ...this.#how(), ttl: this.#tombstoneTtl() }),
        )
        if (result.kind === 'retired' && !this.#visit.endedElsewhere(id, result)) return
      }
      this.#retire(id, undefined)
      if (id === this.#visit.id) this.#visit.startAnew()
    })
  }

  /** Gives the data to a new id. */
  async move(from: string, to: string): Promise<MoveResult & { kind: 'moved' }> {
    const result = await this.#end('move', from, (store) =>
      store.move(from, to, { ...this.#how(), tombstoneTtl: this.#tombstoneTtl() }),
    )
    if (result.kind === 'retired') {
      this.#visit.endedElsewhere(from, result)
      throw destroyed()
    }
    this.#reader.noticeLoss(this.#visit.token.version, result.behind)
    this.#retire(from, this.#engine.clock())
    return result
  }

  async keepAlive(id: string): Promise<void> {
    const { ttl } = this.#how()
    const result = await this.#engine.store.call('touch', (store) => store.touch(id, ttl))
    if (result.kind === 'touched') this.#engine.keepAlive.done(id)
    if (result.kind === 'retired') this.#engine.learnRetired(id, result)
  }

  #retire(id: string, movedAt: number | undefined): void {
    this.#engine.changes.markDestroyed(id, movedAt)
    this.#reader.forget(id)
  }

  /** When nobody knows whether the session has ended, no copy of it answers any more. */
  async #end<T>(operation: 'destroy' | 'move', id: string, run: (store: Store) => Promise<T>): Promise<T> {
    try {
      return await this.#engine.store.call(operation, run)
    } catch (error) {
      if (isStoreError(error) && error.applied === 'unknown') {
        this.#reader.forget(id)
        this.#visit.wrote(undefined)
      }
      throw error
    }
  }

  async #send(id: string, change: Change): Promise<WriteResult> {
    try {
      return await this.#engine.store.call('write', (store) => store.write(id, change))
    } catch (error) {
      if (isStoreError(error) && error.applied === 'unknown') {
        this.#reader.forget(id)
        if (id === this.#visit.id) this.#visit.wrote(undefined)
      }
      throw error
    }
  }

  #before(): Before {
    const { changes, clock, copies } = this.#engine
    const unused = this.#visit.token.version === 0 && !this.#visit.mayHaveData
    const moment: Moment = { order: changes.order, generation: copies.generation, at: clock() }
    return { ...moment, unused, seen: this.#visit.token.version }
  }

  #written(id: string, edit: Edit, { version, behind }: WriteResult & { kind: 'written' }, before: Before): void {
    const { changes, copies } = this.#engine
    const disturbed = changes.changedAfter(id, before.order) || copies.generation !== before.generation || behind > 0
    // Only what was there one version ago, with the edit applied, is what is there now.
    const nothing = before.unused && version === 1
    const base: Base | undefined = nothing ? { ...NOTHING, at: before.at } : this.#reader.exactly(id, version - 1)
    this.#reader.forget(id)
    if (id === this.#visit.id) this.#visit.wrote(version)
    this.#reader.noticeLoss(before.seen, behind)
    if (!base || disturbed) return
    const now = { order: changes.order, generation: copies.generation, at: base.at }
    this.#reader.learn(id, { version, entries: applied(base.entries, edit), lost: base.lost }, now)
  }

  #how(): WriteHow {
    const { token } = this.#visit
    const ttl = this.#engine.lifetime(token, this.#engine.clock())
    return { seen: token.version, ttl, within: this.#engine.store.timeout }
  }

  #tombstoneTtl(): number {
    return this.#engine.tombstoneTtl(this.#visit.token, this.#engine.clock())
  }
}

function applied(entries: Entries, edit: Edit): Entries {
  const next = new Map(entries)
  for (const [key, text] of edit.set) next.set(key, text)
  for (const key of edit.delete) next.delete(key)
  return next
}
