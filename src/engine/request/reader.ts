import { isStoreError, StoreError } from '../../core/errors.ts'
import { answers } from '../../core/losses.ts'
import type { Entries, ReadResult } from '../../ports/store.ts'
import { type Copy, NO_ENTRIES, type State } from '../process/session-cache.ts'
import { settlePendingMove } from './pending-move.ts'
import type { RequestState } from './state.ts'
import { touchSoon } from './touch.ts'

/**
 * Milliseconds for which one request's own last read answers its next one, where the store does not tell of changes.
 */
const REQUEST_MEMORY = 1000

/** How often the store is asked when other operations of the same request overtake the answer. */
const MOST_ATTEMPTS = 10

/** How things stood at some moment. */
export interface Moment {
  /** Of changes. */
  readonly order: number
  /** Of the local copies. */
  readonly generation: number
  /**
   * Milliseconds of the steady clock, when the store said so: a copy that own writes have brought forward is as old as
   * what they began with.
   */
  readonly at: number
}

/** Reads for one request: from a copy that is as new as what the client has seen, or else from the store, once. */
export class Reader {
  behind = false
  stale = false
  readonly #state: RequestState
  /** What this request read or wrote last, and the order of changes at that time. */
  #last: { readonly id: string; readonly copy: Copy; readonly order: number } | undefined
  /** The read that is under way: parallel ones share it. */
  #asking: Promise<Entries> | undefined

  constructor(state: RequestState) {
    this.#state = state
  }

  /** Not a promise where none is needed: reading from a copy is what most requests do. Throws `ERR_LIMPET_EXPIRED`. */
  load(): Entries | Promise<Entries> {
    const state = this.#state
    state.use()
    if (state.life !== 'active' || !state.isKnown) return NO_ENTRIES
    const copy = state.services.config.strict || state.token.pendingFrom !== undefined ? undefined : this.#current()
    if (copy) {
      this.stale = false
      if (copy.version > state.token.version) state.saw(copy.version, state.services.log.order, copy.lifetime)
      if (state.isLong) state.learnTouch()
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
   * The data at exactly this version, if it is at hand and certain. Of an earlier generation it is not: in between, the
   * store may have lost that version and given its number to another state.
   */
  exactly(id: string, version: number): Copy | undefined {
    const { cache } = this.#state.services
    const last = this.#last?.id === id ? this.#last.copy : undefined
    const copy = last?.version === version ? last : cache.live ? cache.lastKnown(id, version) : undefined
    return copy?.version === version && copy.generation === cache.generation ? copy : undefined
  }

  /** This is how the data is; `when`: how things stood when that was asked or done. */
  learn(id: string, state: State, when: Moment): void {
    const { cache, log, store } = this.#state.services
    if (store.store.local) return
    if (log.changedAfter(id, when.order)) this.forget(id)
    else {
      const copy = cache.keep(id, state, when)
      this.#last = { id, copy, order: when.order }
    }
  }

  forget(id: string): void {
    this.#last = undefined
    this.#asking = undefined
    this.#state.services.cache.drop(id)
  }

  /** The store turned out to be `lost` versions older than what the client had `seen`. */
  noticeLoss(seen: number, lost: number): void {
    if (lost === 0) return
    this.behind = true
    this.#state.services.events.emit({ type: 'behind', id: this.#state.id, seen, lost })
  }

  /** How things stand now. */
  moment(): Moment {
    const { cache, log, steady } = this.#state.services
    return { order: log.order, generation: cache.generation, at: steady() }
  }

  #current(): Copy | undefined {
    const { cache, log, refresh } = this.#state.services
    const { id, token, usedAt: now } = this.#state
    const copy = cache.current(id, token.version, now)
    if (copy) refresh.used(id, copy, now)
    if (copy || !this.#last) return copy
    const { copy: last, order } = this.#last
    const fits = this.#last.id === id && answers(last, token.version) && !log.changedAfter(id, order)
    return fits && now - last.at < REQUEST_MEMORY ? last : undefined
  }

  /** Asks the store, until it answers with what is at least as new as all that this request knows by then. */
  async #ask(): Promise<Entries> {
    const state = this.#state
    const { store } = state.services
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      if (state.token.pendingFrom !== undefined && (await settlePendingMove(state, this)) === 'over') return NO_ENTRIES
      const { id, token, touchDue, ttl } = state
      const when = this.moment()
      let result: ReadResult
      try {
        const how = { seen: token.version, touch: touchDue ? ttl : undefined, ttl, within: store.timeout }
        result = await store.call('read', (port) => port.read(id, how))
      } catch (error) {
        return this.#lastKnown(error)
      }
      this.stale = false
      if (id !== state.id) continue
      if (result.kind === 'tombstone') {
        this.forget(id)
        state.meets(id, result)
        return NO_ENTRIES
      }
      if (result.kind === 'absent') {
        // Meanwhile this request has written: then something is there.
        if (state.token.version > 0) continue
        this.learn(id, { version: 0, entries: NO_ENTRIES }, when)
        return NO_ENTRIES
      }
      this.noticeLoss(token.version, result.behind)
      if (result.version < state.token.version) continue
      const { version, entries, lost, lifetime, label, touched } = result
      if (touchDue) state.touched(touched !== false)
      state.saw(version, when.order, lifetime)
      if (touchDue && lifetime !== token.lifetime) touchSoon(state.services, id, state.stay)
      if (touchDue && label !== undefined) state.services.labels.used(label, id, state.stay)
      this.learn(id, { version, entries, lost, lifetime }, when)
      return result.entries
    }
    const message = 'the store keeps answering with older data than this request has written'
    throw new StoreError(message, { applied: false, outage: false })
  }

  /** What answers while the store does not; the failure itself where nothing can. */
  #lastKnown(error: unknown): Entries {
    const { cache, log } = this.#state.services
    const { id, token, life } = this.#state
    if (life !== 'active' || log.endOf(id)) return NO_ENTRIES
    const copy = cache.lastKnown(id, token.version)
    // As far as anybody here knows nothing was ever stored: visitors who have not logged in are served through an
    // outage. It says `stale`.
    const entries = copy?.entries ?? (token.version === 0 && !log.isKnown(id) ? NO_ENTRIES : undefined)
    if (!(isStoreError(error) && error.outage && entries)) throw error
    this.stale = true
    return entries
  }
}
