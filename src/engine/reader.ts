import { isStoreError, StoreError } from '../core/errors.ts'
import type { Entries, ReadResult } from '../ports/store.ts'
import { answers, type Copy, type State } from './copies.ts'
import type { Engine } from './engine.ts'
import type { Visit } from './visit.ts'

export const NO_ENTRIES: Entries = new Map()

/** Milliseconds for which one request's own last read answers its next one, where the store does not tell of changes. */
const REQUEST_MEMORY = 1000

/** How often the store is asked when other operations of the same request overtake the answer. */
const MOST_ATTEMPTS = 10

/** How things stood at some moment. */
export interface Moment {
  /** Of changes. */
  readonly order: number
  /** Of the local copies. */
  readonly generation: number
  /** Milliseconds, when the store said so: a copy that own writes have brought forward is as old as what they began with. */
  readonly at: number
}

/** Reads for one request: from a copy that is as new as what the client has seen, or else from the store, once. */
export class Reader {
  behind = false
  stale = false
  readonly #visit: Visit
  readonly #engine: Engine
  /** What this request read or wrote last, and the order of changes at that time. */
  #last: { readonly id: string; readonly copy: Copy; readonly order: number } | undefined
  /** The read that is under way: parallel ones share it. */
  #asking: Promise<Entries> | undefined

  constructor(visit: Visit) {
    this.#visit = visit
    this.#engine = visit.engine
  }

  /** Not a promise where none is needed: reading from a copy is what most requests do. */
  load(): Entries | Promise<Entries> {
    if (!this.#visit.mayHaveData) return NO_ENTRIES
    const copy = this.#engine.config.strict ? undefined : this.#current()
    if (copy) {
      this.stale = false
      if (copy.version > this.#visit.token.version) this.#visit.saw(copy.version, this.#engine.changes.order)
      return copy.entries
    }
    if (this.#asking) return this.#asking
    const asking = this.#ask()
    this.#asking = asking
    const done = () => {
      if (this.#asking === asking) this.#asking = undefined
    }
    asking.then(done, done)
    return asking
  }

  /**
   * The data at exactly this version, if it is at hand and certain. Of an earlier generation it is not: in between, the store may have lost
   * that version and given its number to another state.
   */
  exactly(id: string, version: number): Copy | undefined {
    const { copies } = this.#engine
    const last = this.#last?.id === id ? this.#last.copy : undefined
    const copy = last?.version === version ? last : copies.live ? copies.lastKnown(id, version) : undefined
    return copy?.version === version && copy.generation === copies.generation ? copy : undefined
  }

  /** This is how the data is; `when`: how things stood when that was asked or done. */
  learn(id: string, state: State, when: Moment): void {
    const { copies, changes, store } = this.#engine
    if (store.store.local) return
    if (changes.changedAfter(id, when.order)) this.forget(id)
    else {
      const copy = copies.keep(id, state, when)
      this.#last = { id, copy, order: when.order }
    }
  }

  forget(id: string): void {
    this.#last = undefined
    this.#asking = undefined
    this.#engine.copies.drop(id)
  }

  /** The store turned out to be `lost` versions older than what the client had `seen`. */
  noticeLoss(seen: number, lost: number): void {
    if (lost === 0) return
    this.behind = true
    this.#engine.emit({ type: 'behind', id: this.#visit.id, seen, lost })
  }

  #current(): Copy | undefined {
    const { copies, changes, clock, refresher } = this.#engine
    const { id, token } = this.#visit
    const now = clock()
    const copy = copies.current(id, token.version, now)
    if (copy) refresher.used(id, copy, now)
    if (copy || !this.#last) return copy
    const { copy: last, order } = this.#last
    const fits = this.#last.id === id && answers(last, token.version) && !changes.changedAfter(id, order)
    return fits && now - last.at < REQUEST_MEMORY ? last : undefined
  }

  /** Asks the store, until it answers with what is at least as new as all that this request knows by then. */
  async #ask(): Promise<Entries> {
    const { changes, clock, copies, store } = this.#engine
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const { id, token, renewalDue } = this.#visit
      const when = { order: changes.order, generation: copies.generation, at: clock() }
      const ttl = this.#engine.lifetime(token, clock())
      let result: ReadResult
      try {
        const how = { seen: token.version, renew: renewalDue ? ttl : undefined, ttl, within: store.timeout }
        result = await store.call('read', (port) => port.read(id, how))
      } catch (error) {
        return this.#lastKnown(error)
      }
      this.stale = false
      if (id !== this.#visit.id) continue
      if (result.kind === 'absent') return NO_ENTRIES
      if (result.kind === 'retired') {
        this.#visit.endedElsewhere(id, result)
        return NO_ENTRIES
      }
      this.noticeLoss(token.version, result.behind)
      if (result.version < this.#visit.token.version) continue
      if (renewalDue) this.#visit.renewed(result.renewed !== false)
      this.#visit.saw(result.version, when.order)
      this.learn(id, { version: result.version, entries: result.entries, lost: result.lost }, when)
      return result.entries
    }
    const message = 'the store keeps answering with older data than this request has written'
    throw new StoreError(message, { applied: false, outage: false })
  }

  /** What answers while the store does not; the failure itself where nothing can. */
  #lastKnown(error: unknown): Entries {
    const { changes, copies } = this.#engine
    const { id, token } = this.#visit
    const copy = copies.lastKnown(id, token.version)
    // As far as anybody knows nothing was ever stored: visitors who have not logged in are served through an outage.
    const entries = copy?.entries ?? (token.version === 0 && !changes.isKnown(id) ? NO_ENTRIES : undefined)
    if (!(isStoreError(error) && error.outage && entries)) throw error
    this.stale = true
    return entries
  }
}
