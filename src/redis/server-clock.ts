/** Milliseconds of a steady clock of this process. */
export type Steady = () => number

/** Milliseconds from the steady clock to the server's, how far wrong that can be, and when it was measured. */
interface Offset {
  readonly offset: number
  readonly error: number
  readonly at: number
}

/** Milliseconds after which the offset is measured again, beside what asked for it: clocks drift. */
const FRESH = 5000

/**
 * Milliseconds after which what was measured is not used before it was measured again: this machine, or that one, may
 * have slept.
 */
const KNOWN = 60_000

/** How many times less exact a measurement may be and still take the place of an older one. */
const POOR = 4

/** How much two good clocks drift apart at most, as a share of the time that has passed. */
const DRIFT = 0.001

/**
 * What time it is on a Redis server: for the deadlines that scripts are told, and for all that is judged by one clock.
 * It is the middle of the quickest of a few TIME calls, or of one where it was known already, right to within half its
 * round trip. A jump that neither round trips nor drift explain is believed when it has been measured twice; until then
 * a deadline is the earlier one of both.
 */
export class ServerClock {
  readonly #time: () => Promise<number>
  readonly #samples: number
  readonly #now: Steady
  #offset: Offset | undefined
  /** What was measured last, if it looked like a jump. */
  #jump: Offset | undefined
  #measuring: Promise<void> | undefined
  #triedAt = Number.NEGATIVE_INFINITY
  /** False: whoever asks has to wait for a measurement. */
  #isSure = false

  constructor(time: () => Promise<number>, samples = 3, now: Steady = () => performance.now()) {
    this.#time = time
    this.#samples = samples
    this.#now = now
  }

  /** Milliseconds since 1970 on the server; undefined: it was never measured. */
  now(): number | undefined {
    return this.#offset && Math.round(this.#now() + this.#offset.offset)
  }

  /**
   * The server's time at which `until` (of the steady clock) has certainly not passed here. A promise only while it is
   * being measured.
   */
  at(until: number): number | Promise<number> {
    const age = this.#offset ? this.#now() - this.#offset.at : Number.POSITIVE_INFINITY
    if (!this.#isSure || age > KNOWN) return this.measure().then(() => this.earliest(until))
    // Beside the call that asks: its own deadline stands on what is known. On a busy connection a measurement may say
    // too little to be kept.
    if (age > FRESH && this.#now() - this.#triedAt > FRESH / 5) this.measure().catch(() => undefined)
    return this.earliest(until)
  }

  /**
   * The server's time at which `moment` (of the steady clock) has certainly passed here. For whoever has called `at`
   * before.
   */
  latest(moment: number): number {
    return Math.ceil(Math.max(...this.#known().map(({ offset, error }) => moment + offset + error)))
  }

  /** The server's time at which it has certainly not passed. */
  earliest(moment: number): number {
    return Math.floor(Math.min(...this.#known().map(({ offset, error }) => moment + offset - error)))
  }

  /** Another server may answer from now on, or this one's clock was found to differ. */
  doubt(): void {
    this.#isSure = false
  }

  /** Measures; twice, if the first looks like a jump. Several who ask at the same time share it. */
  measure(): Promise<void> {
    this.#triedAt = this.#now()
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined
    })
    return this.#measuring
  }

  async #measure(): Promise<void> {
    this.#learn(await this.#sample())
    if (this.#jump) this.#learn(await this.#sample())
    this.#isSure = true
  }

  #learn(found: Offset): void {
    const jumped = this.#offset !== undefined && !agree(this.#offset, found)
    if (jumped && !(this.#jump && agree(this.#jump, found))) {
      this.#jump = found
      return
    }
    this.#jump = undefined
    // An answer that took long says little.
    const isPoor = this.#offset !== undefined && !jumped && found.error > POOR * this.#offset.error
    if (!isPoor || found.at - (this.#offset?.at ?? 0) > KNOWN / 2) this.#offset = found
  }

  async #sample(): Promise<Offset> {
    let best: Offset = { offset: 0, error: Number.POSITIVE_INFINITY, at: 0 }
    // One does to see whether what is known still holds.
    const samples = this.#isSure ? 1 : this.#samples
    for (let i = 0; i < samples; i++) {
      const sent = this.#now()
      const server = await this.#time()
      const received = this.#now()
      const error = (received - sent) / 2 + 1
      if (error < best.error) best = { offset: server - (sent + received) / 2, error, at: received }
    }
    return best
  }

  #known(): Offset[] {
    return [this.#offset, this.#jump].flatMap((one) => one ?? [])
  }
}

function agree(one: Offset, other: Offset): boolean {
  return Math.abs(one.offset - other.offset) <= one.error + other.error + DRIFT * Math.abs(other.at - one.at)
}
