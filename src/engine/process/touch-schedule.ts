import { isTouchDue, isTouchOld, type Limits } from '../../core/lifetime.ts'
import type { Token } from '../../core/token.ts'
import { boundedMap } from './bounded.ts'

/**
 * Which sessions' stored data was given a new lifetime, and when: it is done once per tenth of `idleTimeout`, by one
 * request, and by the next one when it has failed. A token says that it was done only when it is, so the answer comes
 * with a later response.
 */
export class TouchSchedule {
  readonly #limits: Limits
  readonly #now: () => number
  readonly #doneAt
  readonly #underWay = new Set<string>()

  constructor(limits: Limits, now: () => number, max: number) {
    this.#limits = limits
    this.#now = now
    this.#doneAt = boundedMap<number>(max)
  }

  /** It ought to be touched, as far as the client's token says. */
  isDue(token: Token): boolean {
    // The clock is read only where something is stored.
    return token.version > 0 && isTouchDue(token, this.#now(), this.#limits)
  }

  /** The same, and this backend does not know that it was, nor is it doing it. */
  isWanted(token: Token): boolean {
    if (!this.isDue(token) || this.#underWay.has(token.id)) return false
    return isTouchOld(token, this.#doneAt.get(token.id) ?? 0, this.#now(), this.#limits)
  }

  /** Milliseconds since 1970; undefined: this backend does not know. */
  doneAt(id: string): number | undefined {
    return this.#doneAt.get(id)
  }

  done(id: string): void {
    this.#doneAt.set(id, this.#now())
  }

  /** `touch` tells through `done` when it has succeeded. */
  async run(id: string, touch: () => Promise<unknown>): Promise<void> {
    this.#underWay.add(id)
    try {
      await touch()
    } finally {
      this.#underWay.delete(id)
    }
  }
}
