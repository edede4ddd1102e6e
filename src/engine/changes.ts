import { boundedMap } from './bounded.ts'

/**
 * Remembers, for a bounded number of sessions, that somebody changed them, and in which order. A request notes the order at its
 * start; a session with a later mark was changed while the request ran, and its token is older than what the client was given since.
 */
export class Changes {
  #order = 0
  readonly #marks
  readonly #destroyed

  constructor(max: number) {
    this.#marks = boundedMap<number>(max)
    this.#destroyed = boundedMap<number>(max)
  }

  get order(): number {
    return this.#order
  }

  mark(id: string): void {
    this.#marks.set(id, ++this.#order)
  }

  /** Destroyed, or moved to another id, as far as this backend knows. `movedAt`: milliseconds; undefined: it was not moved. */
  markDestroyed(id: string, movedAt: number | undefined): void {
    this.mark(id)
    this.#destroyed.set(id, movedAt ?? Number.NEGATIVE_INFINITY)
  }

  /** Milliseconds since this session went on under another id; infinite: it did not, as far as this backend knows. */
  movedFor(id: string, now: number): number {
    return now - (this.#destroyed.get(id) ?? Number.NEGATIVE_INFINITY)
  }

  changedAfter(id: string, order: number): boolean {
    return this.#marks.size > 0 && (this.#marks.get(id) ?? 0) > order
  }

  isKnown(id: string): boolean {
    return this.#marks.has(id)
  }

  /** Another server may answer from now on, and may not know of it: better all backends ask than each remembers something else. */
  forgetDestroyed(): void {
    this.#destroyed.clear()
  }

  isDestroyed(id: string): boolean {
    return this.#destroyed.size > 0 && this.#destroyed.has(id)
  }
}
