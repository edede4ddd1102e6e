import type { End } from '../../ports/misdirected.ts'

/**
 * That a backend is gone, for those who wait for it. No AbortSignal: thousands may wait at once, and it compares each
 * with all others, and warns.
 */
export class EndOfPeer implements End {
  readonly #listeners = new Set<() => void>()
  #hasCome = false

  get hasCome(): boolean {
    return this.#hasCome
  }

  whenCome(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  come(): void {
    this.#hasCome = true
    const all = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of all) listener()
  }
}
