import { isStoreError } from '../../core/errors.ts'
import type { Background } from './background.ts'
import type { GuardedStore } from './guarded-store.ts'

/**
 * Milliseconds. An end that is younger than this when the connection returns may not have reached the server that
 * answers now.
 */
const YOUNG = 60_000
/** Milliseconds between two tries to tell the store of an end that it has not confirmed. */
const AGAIN = 1000
/** Beyond so many, the oldest are given up: the client's cookie was replaced, and what is left in the store expires. */
const MOST = 10_000

/** Tells the store of one end, as its request would have done. */
export type Tell = (store: GuardedStore) => Promise<unknown>

interface Pending {
  readonly tell: Tell
  readonly at: number
  confirmed: boolean
}

/**
 * Logouts and moves of this backend, until it is certain that the store knows of them. What the store could not be told
 * is tried again until it answers; what it had confirmed a moment before it was lost is told once more, because another
 * server may answer now.
 */
export class EndsToTell {
  readonly #ends = new Map<string, Pending>()
  readonly #store: GuardedStore
  readonly #background: Background
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined
  #isTelling = false
  /**
   * The end at which the store did not answer: in a cluster it may be that one shard alone is away, so next time the
   * others come first.
   */
  #stuckAt: Pending | undefined
  /** How often the connection came back. */
  #round = 0
  #closed = false

  constructor(store: GuardedStore, background: Background, now: () => number) {
    this.#store = store
    this.#background = background
    this.#now = now
  }

  /** The store has this one. */
  confirmed(id: string, tell: Tell): void {
    this.#keep(id, { tell, at: this.#now(), confirmed: true })
  }

  /** The store has not, or nobody knows. */
  missed(id: string, tell: Tell): void {
    this.#keep(id, { tell, at: this.#now(), confirmed: false })
    this.#later()
  }

  /** The connection is back, perhaps to another server. */
  reconnected(): void {
    this.#round++
    for (const end of this.#young()) end.confirmed = false
    this.#plan(0)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#ends.clear()
  }

  #keep(id: string, end: Pending): void {
    this.#ends.delete(id)
    this.#ends.set(id, end)
    this.#forget()
  }

  /** What is old and confirmed, and what is too much. They are in the order of their time. */
  #forget(): void {
    for (const [id, { confirmed, at }] of this.#ends) {
      const isOld = confirmed && this.#now() - at > YOUNG
      if (!isOld && this.#ends.size <= MOST) break
      this.#ends.delete(id)
    }
  }

  #young(): Pending[] {
    return [...this.#ends.values()].filter(({ at }) => this.#now() - at <= YOUNG)
  }

  /**
   * A try that is planned is not put off by the next end that is missed: during an outage one may follow the other
   * without a pause.
   */
  #later(): void {
    if (this.#timer === undefined) this.#plan(AGAIN)
  }

  #plan(delay: number): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#isTelling) this.#later()
      else this.#background.run(this.#tellAll())
    }, delay)
    this.#timer.unref?.()
  }

  /** One after the other: a store that has just come back has enough to do. */
  async #tellAll(): Promise<void> {
    this.#isTelling = true
    try {
      for (const end of this.#untold()) {
        if (this.#closed) return
        if (await this.#goesOn(end)) continue
        this.#stuckAt = end
        return
      }
    } finally {
      this.#isTelling = false
    }
  }

  /** In the order of their time, but for those up to `#stuckAt`: they come last. */
  #untold(): Pending[] {
    const untold = [...this.#ends.values()].filter(({ confirmed }) => !confirmed)
    const first = this.#stuckAt ? untold.indexOf(this.#stuckAt) + 1 : 0
    return [...untold.slice(first), ...untold.slice(0, first)]
  }

  /** False: the store does not answer, and the others have to wait too. An end that it refuses holds up no other. */
  async #goesOn(end: Pending): Promise<boolean> {
    const round = this.#round
    try {
      await end.tell(this.#store)
      end.confirmed = round === this.#round
      return true
    } catch (error) {
      this.#later()
      return !(isStoreError(error) && error.outage)
    }
  }
}
