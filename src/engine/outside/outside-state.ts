import { isStoreError, type LimpetError } from '../../core/errors.ts'
import { endingOf, idleOf, isTouchOld, MARK_TTL, storeTtl, tombstoneTtl, UNKNOWN_TIME } from '../../core/lifetime.ts'
import type { Token } from '../../core/token.ts'
import type { DestroyHow, Tagged, Tombstone } from '../../ports/store.ts'
import type { Stay } from '../process/labels.ts'
import { expired } from '../request/refusals.ts'
import { newToken } from '../request/tokens.ts'
import type { Services } from '../services.ts'
import { ended, notFound } from './refusals.ts'

/** What the store said of a session. */
interface Known {
  /** What its limits are judged by. No client has it. */
  readonly token: Token
  /** Milliseconds of the steady clock. */
  readonly usedAt: number
}

/**
 * What one handle knows of a session that it has no token of: whether it lives, and for how long its data is stored.
 */
export class OutsideState {
  readonly id: string
  readonly services: Services
  #known: Known | undefined
  /** Milliseconds since 1970, when this handle last knew the data's lifetime to be renewed. */
  #touchedAt = 0

  constructor(services: Services, id: string) {
    this.services = services
    this.id = id
  }

  /** The store has answered before. */
  get isKnown(): boolean {
    return this.#known !== undefined
  }

  /**
   * The session is used now. Throws `ERR_LIMPET_EXPIRED` when this handle has outlived it, and `ERR_LIMPET_DESTROYED`
   * when this backend knows that somebody ended it.
   */
  use(): void {
    const { clock, config, log, steady } = this.services
    if (log.endOf(this.id)) throw ended()
    if (!this.#known) return
    const { token, usedAt } = this.#known
    const now = clock.now()
    const isIdle = steady() - usedAt > idleOf(token, config.limits)
    if (isIdle || (clock.isMeasured() && endingOf(token, now, now, config.limits))) throw expired()
    this.#known = { token, usedAt: steady() }
  }

  /** The store holds it. `renewed`: for a whole lifetime from now on. */
  found(tags: Tagged, renewed: boolean): void {
    const { clock, labels, steady } = this.services
    const isFirst = this.#known === undefined
    const { lifetime, createdAt = UNKNOWN_TIME, label } = tags
    const token = { ...newToken(this.services, this.id), createdAt, lifetime }
    this.#known = { token, usedAt: steady() }
    // Who looks once, as a page that lists sessions does, keeps none alive.
    if (isFirst || renewed) this.#touchedAt = clock.now()
    if (renewed && label !== undefined) labels.used(label, this.id, this.stay)
    this.use()
  }

  /** The store holds nothing under this id. */
  absent(): LimpetError {
    return this.#known ? expired() : notFound()
  }

  /** The store holds a tombstone. */
  ended({ age, end }: Tombstone): LimpetError {
    const { cache, log, steady } = this.services
    log.markEnded(this.id, end, steady() - age)
    cache.drop(this.id)
    return ended()
  }

  /** Something was written, or may have been. */
  changed(): void {
    this.services.log.mark(this.id)
    this.services.cache.drop(this.id)
  }

  get touchDue(): boolean {
    const { clock, config } = this.services
    return this.#known !== undefined && isTouchOld(this.#known.token, this.#touchedAt, clock.now(), config.limits)
  }

  get stay(): Stay {
    const { clock, config } = this.services
    return { ttl: storeTtl(this.#token, clock.now(), config.limits), idle: idleOf(this.#token, config.limits) }
  }

  /** How to end it: whoever does so from outside has seen that there is something to end. */
  endHow(rest: Partial<DestroyHow> = {}): DestroyHow {
    const { clock, config, store } = this.services
    const ttl = tombstoneTtl(this.#token, clock.now(), config.limits)
    return { seen: 1, ttl, tombstoneTtl: ttl, markTtl: MARK_TTL, age: 0, within: store.timeout, ...rest }
  }

  get #token(): Token {
    return this.#known?.token ?? newToken(this.services, this.id)
  }
}

/** May a copy answer instead? */
export function isOutage(error: unknown): boolean {
  return isStoreError(error) && error.outage
}
