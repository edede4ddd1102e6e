/** What goes on off the requests' path. Its failures have been told through events. */
export class Background {
  readonly #tasks = new Set<Promise<void>>()

  run(task: Promise<unknown>): void {
    const settled: Promise<void> = task.then(nothing, nothing).then(() => void this.#tasks.delete(settled))
    this.#tasks.add(settled)
  }

  /** All that goes on now, and what it begins, has ended. */
  async settled(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks)
  }
}

function nothing(): void {}
