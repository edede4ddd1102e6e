/** What is open here, for a backend that drains: how many responses and sockets, of which sessions. */
export class OpenRequests {
  readonly #ofSession = new Map<string, number>()
  readonly #open = new Set<() => void>()
  #isDraining = false
  #empty: (() => void) | undefined

  /** One more, and how to break it off. Returns the function that says it was closed; calling it again does nothing. */
  begin(session: string, breakOff: () => void): () => void {
    const one = () => breakOff()
    this.#open.add(one)
    this.#ofSession.set(session, (this.#ofSession.get(session) ?? 0) + 1)
    return () => {
      if (!this.#open.delete(one)) return
      const left = (this.#ofSession.get(session) ?? 1) - 1
      if (left === 0) this.#ofSession.delete(session)
      else this.#ofSession.set(session, left)
      if (this.#open.size === 0) this.#empty?.()
    }
  }

  /** This backend ends, and nothing but the response that asks is open of this session. */
  isLeaving(session: string): boolean {
    return this.#isDraining && (this.#ofSession.get(session) ?? 0) <= 1
  }

  /** Resolves when nothing is open. */
  drain(): Promise<void> {
    this.#isDraining = true
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#empty = resolve
    })
  }

  /** The deadline is over. */
  breakOff(): void {
    for (const one of this.#open) one()
  }
}
