import { isStoreError, LimpetError } from '../core/errors.ts'
import { entryBytes } from '../core/values.ts'
import type { Change, Entries, MoveResult, WriteHow, WriteResult } from '../ports/store.ts'
import type { State } from './copies.ts'
import type { Engine } from './engine.ts'
import { type Moment, NO_ENTRIES, type Reader } from './reader.ts'
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

/** Writes for one request: each is one store call, and afterwards the token and the local copy say what it did. */
export class Writer {
  readonly #visit: Visit
  readonly #engine: Engine
  readonly #reader: Reader
  /** Writes of this request that the store has not answered yet. */
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(visit: Visit, reader: Reader) {
    this.#visit = visit
    this.#engine = visit.engine
    this.#reader = reader
  }

  /** Undefined when nothing is under way. The id must not change before: what is written under the old one would be lost. */
  get settled(): Promise<unknown> | undefined {
    return this.#underWay.size > 0 ? Promise.allSettled(this.#underWay) : undefined
  }

  /** Undefined: it is written. */
  write(edit: Edit): Promise<Obstacle | undefined> {
    const writing = this.#write(edit)
    this.#underWay.add(writing)
    const done = () => void this.#underWay.delete(writing)
    writing.then(done, done)
    return writing
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
  async destroy(): Promise<void> {
    for (let wait = this.settled; wait; wait = this.settled) await wait
    const { id, mayHaveData } = this.#visit
    if (mayHaveData) {
      const result = await this.#engine.store.call('destroy', (store) => store.destroy(id, this.#how()))
      if (result.kind === 'retired' && !this.#visit.endedElsewhere(id, result)) return
    }
    this.#retire(id)
    if (id === this.#visit.id) this.#visit.startAnew()
  }

  /** Gives the data to a new id. */
  async move(from: string, to: string): Promise<MoveResult & { kind: 'moved' }> {
    const result = await this.#engine.store.call('move', (store) => store.move(from, to, this.#how()))
    if (result.kind === 'retired') {
      this.#visit.endedElsewhere(from, result)
      throw destroyed()
    }
    this.#reader.noticeLoss(this.#visit.token.version, result.behind)
    this.#retire(from)
    return result
  }

  async keepAlive(id: string): Promise<void> {
    const { ttl } = this.#how()
    const result = await this.#engine.store.call('touch', (store) => store.touch(id, ttl))
    if (result.kind === 'retired') this.#engine.changes.markDestroyed(id)
  }

  #retire(id: string): void {
    this.#engine.changes.markDestroyed(id)
    this.#reader.forget(id)
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
    const { changes, copies } = this.#engine
    const unused = this.#visit.token.version === 0 && !this.#visit.mayHaveData
    return { order: changes.order, generation: copies.generation, unused, seen: this.#visit.token.version }
  }

  #written(id: string, edit: Edit, { version, behind }: WriteResult & { kind: 'written' }, before: Before): void {
    const { changes, copies } = this.#engine
    const disturbed = changes.changedAfter(id, before.order) || copies.generation !== before.generation || behind > 0
    // Only what was there one version ago, with the edit applied, is what is there now.
    const base = before.unused && version === 1 ? NOTHING : this.#reader.exactly(id, version - 1)
    this.#reader.forget(id)
    if (id === this.#visit.id) this.#visit.wrote(version)
    this.#reader.noticeLoss(before.seen, behind)
    if (!base || disturbed) return
    const now = { order: changes.order, generation: copies.generation }
    this.#reader.learn(id, { version, entries: applied(base.entries, edit), lost: base.lost }, now)
  }

  #how(): WriteHow {
    const { token } = this.#visit
    const ttl = this.#engine.lifetime(token, this.#engine.clock())
    return { seen: token.version, ttl, within: this.#engine.store.timeout }
  }
}

function applied(entries: Entries, edit: Edit): Entries {
  const next = new Map(entries)
  for (const [key, text] of edit.set) next.set(key, text)
  for (const key of edit.delete) next.delete(key)
  return next
}

function refuseTooLarge(set: Entries, most: number): void {
  let bytes = 0
  for (const [key, text] of set) bytes += entryBytes(key, text)
  if (bytes > most) throw tooLarge(bytes, most)
}

function tooLarge(bytes: number, most: number): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_SIZE',
    `the session would hold ${bytes} bytes and may hold ${most} (maxSessionBytes): nothing was written. ` +
      'Keep large things elsewhere and their names in the session',
  )
}

export function destroyed(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_DESTROYED',
    'the session was destroyed (logout) or given a new id (regenerate) by another request while this one ran: nothing was written',
  )
}
