import { isStoreError } from '../../core/errors.ts'
import { storeTtl } from '../../core/lifetime.ts'
import type { Token } from '../../core/token.ts'
import type { Entries, MoveHow, MoveResult, Tombstone } from '../../ports/store.ts'
import { NO_ENTRIES } from '../process/session-cache.ts'
import { moveHow, settlePendingMove } from './pending-move.ts'
import type { Reader } from './reader.ts'
import { destroyed, refuseTooLarge, tooLarge } from './refusals.ts'
import type { RequestState } from './state.ts'
import { newToken } from './tokens.ts'
import { touchSoon } from './touch.ts'

/** An id that the session may have had, and the newest version of it that the client has seen. */
interface Source {
  readonly id: string
  readonly seen: number
}

/**
 * Gives one request's session a new id. Where another request was quicker, a login is answered as a login all the same,
 * with as much of the old session as it may have: mostly nothing. Only a login that was under way when somebody logged
 * out is refused.
 */
export class IdChange {
  readonly #state: RequestState
  readonly #reader: Reader
  /** Stores the first values of a session that nobody else knows. */
  readonly #write: (set: Entries) => Promise<unknown>

  constructor(state: RequestState, reader: Reader, write: (set: Entries) => Promise<unknown>) {
    this.#state = state
    this.#reader = reader
    this.#write = write
  }

  async run(set: Entries): Promise<void> {
    const state = this.#state
    const { ids, config } = state.services
    refuseTooLarge(set, config.maxSessionBytes)
    state.use()
    if (state.life === 'active') await settlePendingMove(state, this.#reader)
    if (hasBeenDestroyed(state)) throw destroyed()
    if (state.life === 'active' && !state.isKnown) {
      state.renames(ids.successor(state.id))
      return this.#begin(set)
    }
    for (const source of sources(state)) {
      const met = await this.#move(source, set)
      if (!met) return
      this.#meets(source.id, met)
    }
    state.replace()
    await this.#begin(set)
  }

  /** Undefined: it is done. */
  async #move({ id: from, seen }: Source, set: Entries): Promise<Tombstone | undefined> {
    const [state, reader] = [this.#state, this.#reader]
    const { ids, labels, log, clock, ends, config, steady } = state.services
    const old = state.asked ?? state.token
    const to = ids.successor(from)
    const [how, sentAt] = [moveHow(state, seen, set), steady()]
    const result = await this.#send(from, { ...old, id: to, version: seen, pendingFrom: from }, how)
    if (result.kind === 'too-large') throw tooLarge(result.bytes, config.maxSessionBytes)
    reader.forget(from)
    if (result.kind === 'tombstone') return result
    log.markEnded(from, 'moved', steady())
    if (result.began) {
      state.beginsAs(to, result.version)
      return undefined
    }
    ends.confirmed(from, (store) => {
      // Where the values are lost that were set with it, whoever has the new token is told.
      const seen = set.size > 0 ? result.version : how.seen
      const again = { ...how, seen, set: NO_ENTRIES, age: how.age + steady() - sentAt }
      return store.call('move', (port) => port.move(from, to, again))
    })
    reader.noticeLoss(seen, result.behind)
    const { version, lifetime, label } = result
    state.goesOnAs({ ...old, id: to, version, lifetime, touchedAt: clock.now(), pendingFrom: undefined })
    if (lifetime !== old.lifetime) touchSoon(state.services, to, state.stay)
    // Whoever ends all of the label before that finds the session from its old id.
    if (label !== undefined) labels.used(label, to, state.stay)
    return undefined
  }

  /**
   * When nobody knows whether it has happened, the client's next token names both ids, and whoever uses it sends the
   * same move again.
   */
  async #send(from: string, pending: Token, how: MoveHow): Promise<MoveResult> {
    const { clock, config, store } = this.#state.services
    // A session that begins here lives as long as any new one, whatever the old one had left.
    const token = newToken(this.#state.services, pending.id)
    const createdAt = config.limits.absolute === undefined ? undefined : token.createdAt || undefined
    const begins = { ttl: storeTtl(token, clock.now(), config.limits), createdAt }
    try {
      return await store.call('move', (port) => port.move(from, pending.id, { ...how, begins }))
    } catch (error) {
      if (isStoreError(error) && error.applied === 'unknown') {
        this.#reader.forget(from)
        // As long as the store's clock was not measured the token cannot say since when the move was wanted. It then
        // knows no version either: so it moves what is there, and takes nothing along from a move that may have been
        // earlier.
        this.#state.goesOnAs(clock.isMeasured() ? pending : { ...pending, version: 0 })
      }
      throw error
    }
  }

  /** Another request has ended the session, or moved it too long ago. */
  #meets(id: string, tombstone: Tombstone): void {
    const state = this.#state
    const { end, age } = tombstone
    const { log, steady } = state.services
    const wasUnderWay = end === 'destroyed' && age >= 0 && age <= state.age
    if (state.life === 'active') state.meets(id, tombstone)
    else log.markEnded(id, end, steady() - age)
    if (wasUnderWay || hasBeenDestroyed(state)) throw destroyed()
  }

  async #begin(set: Entries): Promise<void> {
    if (set.size > 0) await this.#write(set)
  }
}

/** Which ids to move from, until one has left a trace. */
function sources({ asked, life, token }: RequestState): Source[] {
  const { id, version: seen, pendingFrom } = asked ?? token
  if (life === 'active' || pendingFrom === undefined) return [{ id, seen }]
  // Its own move was in doubt, and may never have come to be: then the other id is what others have moved, and nothing
  // is lost of this one.
  return [
    { id: pendingFrom, seen },
    { id, seen: 0 },
  ]
}

function hasBeenDestroyed({ life }: RequestState): boolean {
  return life === 'destroyed'
}
