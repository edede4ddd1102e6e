/** Milliseconds: a wait is counted in slices of at most this length. */
export const SLICE = 100
/** Milliseconds by which a timer may be late on a busy machine; later than that, the event loop stood still. */
const TOLERANCE = 20
/**
 * How many slices are not counted because the event loop stood still. Then they are: a process that is always late must
 * give up as well.
 */
const MOST_EXCUSED = 20
/** Milliseconds by which `until` is earlier once slices were excused: whoever waits for us counts its own slices. */
const MARGIN = 50

/**
 * How long somebody waits for an answer, counted while the event loop is free to read one. A slice in which the loop
 * stood still does not count, so that our own lag never looks like a failure of whom we asked. What has arrived by the
 * end is still read.
 */
export class Patience {
  readonly #slice: number
  #left: number
  #since = performance.now()
  #excused = 0
  readonly #timer: NodeJS.Timeout
  readonly #over = new Set<() => void>()

  /** End it when nobody waits any more. It keeps the process alive until then. */
  constructor(ms: number) {
    this.#left = ms
    this.#slice = Math.max(1, Math.min(SLICE, ms))
    this.#timer = setTimeout(() => this.#tick(), this.#slice)
  }

  /** Milliseconds; 0 when it has run out. */
  get left(): number {
    return Math.max(0, this.#left - this.#counted())
  }

  /** The moment, of `performance.now()`, at which it runs out if the event loop stays free. */
  get until(): number {
    return performance.now() + this.left - (this.#excused > 0 ? MARGIN : 0)
  }

  /** The answer, or the failure that `late` makes when there was none in time. */
  wait<T>(answer: Promise<T>, late: () => Error): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const over = () => reject(late())
      this.#over.add(over)
      if (this.#left <= 0) setImmediate(over)
      const settled = () => void this.#over.delete(over)
      answer.then(
        (value) => {
          settled()
          resolve(value)
        },
        (error) => {
          settled()
          reject(error)
        },
      )
    })
  }

  /** For a wait that is no reason to keep the process alive. */
  unref(): this {
    this.#timer.unref()
    return this
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #tick(): void {
    if (this.#stoodStill()) this.#excused++
    else this.#left -= Math.max(this.#slice, this.#counted())
    this.#since = performance.now()
    if (this.#left >= 1) this.#timer.refresh()
    else {
      this.#left = 0
      // What has arrived meanwhile is read before this runs; and whoever gives up at the same moment and knows more has
      // the first word.
      setImmediate(() => {
        for (const over of this.#over) over()
      })
    }
  }

  #counted(): number {
    return this.#stoodStill() ? 0 : performance.now() - this.#since
  }

  #stoodStill(): boolean {
    return this.#excused < MOST_EXCUSED && performance.now() - this.#since > this.#slice + TOLERANCE
  }
}
