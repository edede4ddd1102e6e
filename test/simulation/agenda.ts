interface Entry {
  readonly time: number
  readonly order: number
  readonly event: () => void
}

/** What is to happen, by its time; two of the same time in the order in which they were asked for. A binary heap. */
export class Agenda {
  #heap: Entry[] = []
  #asked = 0

  /** When the next event is due; Infinity: there is none. */
  get next(): number {
    return this.#heap[0]?.time ?? Number.POSITIVE_INFINITY
  }

  clear(): void {
    this.#heap = []
    this.#asked = 0
  }

  add(time: number, event: () => void): void {
    const heap = this.#heap
    const entry = { time, order: ++this.#asked, event }
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above] as Entry
      if (!isBefore(entry, parent)) break
      heap[at] = parent
      at = above
    }
    heap[at] = entry
  }

  /** Takes the next event out. */
  take(): (() => void) | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last !== undefined && heap.length > 0) this.#sink(last)
    return first?.event
  }

  /** Puts an entry in the place of the first, and then where it belongs. */
  #sink(entry: Entry): void {
    const heap = this.#heap
    let at = 0
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Entry, heap[below] as Entry)) below++
      const child = heap[below] as Entry
      if (!isBefore(child, entry)) break
      heap[at] = child
      at = below
    }
    heap[at] = entry
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order)
}
