import type { End } from '../../ports/store.ts'
import { boundedMap } from './bounded.ts'

/** How a session ended, as far as this backend knows. */
export interface KnownEnd {
  readonly end: End
  /** Milliseconds of the steady clock. */
  readonly at: number
}

/**
 * Remembers, for a bounded number of sessions, that somebody changed them, and in which order. A request notes the
 * order at its start; a session with a later mark was changed while the request ran, and its token is older than what
 * the client was given since.
 *
 * Ends are remembered through outages: what a backend knows to have ended it never serves again.
 */
export class ChangeLog {
  #order = 0
  readonly #marks
  readonly #ends

  constructor(max: number) {
    this.#marks = boundedMap<number>(max)
    this.#ends = boundedMap<KnownEnd>(max)
  }

  get order(): number {
    return this.#order
  }

  mark(id: string): void {
    this.#marks.set(id, ++this.#order)
  }

  markEnded(id: string, end: End, at: number): void {
    this.mark(id)
    const known = this.#ends.get(id)
    // A session that moved can be destroyed later. Otherwise nothing makes an end younger.
    if (known === undefined || (known.end === 'moved' && end === 'destroyed')) this.#ends.set(id, { end, at })
  }

  changedAfter(id: string, order: number): boolean {
    return this.#marks.size > 0 && (this.#marks.get(id) ?? 0) > order
  }

  isKnown(id: string): boolean {
    return this.#marks.has(id)
  }

  endOf(id: string): KnownEnd | undefined {
    return this.#ends.size > 0 ? this.#ends.get(id) : undefined
  }
}
