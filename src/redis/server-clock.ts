/** Milliseconds of a steady clock of this process. */
export type Steady = () => number

/** Milliseconds from the steady clock to the server's, and how far wrong that can be. */
interface Offset {
  readonly offset: number
  readonly error: number
}

/**
 * What time it is on a Redis server, so that a script can be told until when it may run. Measured once for every connection: the
 * middle of the quickest of a few TIME calls, right to within half its round trip.
 */
export class ServerClock {
  readonly #time: () => Promise<number>
  readonly #samples: number
  readonly #now: Steady
  #offset: Offset | undefined
  #measuring: Promise<Offset> | undefined

  constructor(time: () => Promise<number>, samples = 3, now: Steady = () => performance.now()) {
    this.#time = time
    this.#samples = samples
    this.#now = now
  }

  /** The server's time at which `until` (of the steady clock) has certainly not passed here. A promise only while it is being measured. */
  at(until: number): number | Promise<number> {
    if (this.#offset) return earliest(until, this.#offset)
    this.#measuring ??= this.#measure()
    return this.#measuring.then((offset) => earliest(until, offset))
  }

  async #measure(): Promise<Offset> {
    try {
      this.#offset = await this.#sample()
      return this.#offset
    } finally {
      this.#measuring = undefined
    }
  }

  async #sample(): Promise<Offset> {
    let best: Offset = { offset: 0, error: Number.POSITIVE_INFINITY }
    for (let i = 0; i < this.#samples; i++) {
      const sent = this.#now()
      const server = await this.#time()
      const received = this.#now()
      const error = (received - sent) / 2 + 1
      if (error < best.error) best = { offset: server - (sent + received) / 2, error }
    }
    return best
  }
}

function earliest(until: number, { offset, error }: Offset): number {
  return Math.floor(until + offset - error)
}
