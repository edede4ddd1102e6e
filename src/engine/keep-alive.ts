import type { Token } from '../core/token.ts'
import { boundedMap } from './bounded.ts'

/**
 * Which sessions' stored data was given a new lifetime, and when: it is done once per tenth of `idleTimeout`, by one request, and by the
 * next one when it has failed. A token says that it was done only when it is, so the answer comes with a later response.
 */
export class KeepAlive {
  /** Seconds. */
  readonly #after: number
  readonly #seconds: () => number
  readonly #doneAt
  readonly #underWay = new Set<string>()

  constructor(after: number, seconds: () => number, max: number) {
    this.#after = after
    this.#seconds = seconds
    this.#doneAt = boundedMap<number>(max)
  }

  /** It ought to be renewed, as far as the client's token says. */
  isDue({ version, storedAt }: Token): boolean {
    return version > 0 && this.#isLongAgo(storedAt)
  }

  /** The same, and this backend has not heard that it was, nor is it doing it. */
  isWanted(token: Token): boolean {
    return this.isDue(token) && this.#isLongAgo(this.#doneAt.get(token.id) ?? 0) && !this.#underWay.has(token.id)
  }

  /** Seconds since 1970; undefined: this backend does not know. */
  doneAt(id: string): number | undefined {
    return this.#doneAt.get(id)
  }

  done(id: string): void {
    this.#doneAt.set(id, this.#seconds())
  }

  /** `renew` tells through `done` when it has succeeded. */
  async run(id: string, renew: () => Promise<void>): Promise<void> {
    this.#underWay.add(id)
    try {
      await renew()
    } finally {
      this.#underWay.delete(id)
    }
  }

  #isLongAgo(seconds: number): boolean {
    return this.#seconds() - seconds > this.#after
  }
}
