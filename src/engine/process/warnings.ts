import type { StartReason } from '../../core/decide.ts'
import type { LimpetEvent, WarningCode } from '../../ports/events.ts'

const MINUTE = 60_000
/**
 * So many cookies of our name and form in a minute, and this part of all requests, and another secret is the likeliest
 * reason.
 */
const FOREIGN = { least: 20, part: 0.05 }
/** Milliseconds by which two clocks may differ before it is worth a word. */
const SKEW = 5000

/**
 * What limpet reports about its own configuration: once for each code, and what depends on traffic at most once a
 * minute.
 */
export class Warnings {
  readonly #emit: (event: LimpetEvent) => void
  readonly #given = new Set<WarningCode>()
  #minuteFrom = Number.NEGATIVE_INFINITY
  #requests = 0
  #foreign = 0
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(emit: (event: LimpetEvent) => void) {
    this.#emit = emit
  }

  once(code: WarningCode, message: string): void {
    if (this.#given.has(code)) return
    this.#given.add(code)
    this.#emit({ type: 'warning', code, message })
  }

  has(code: WarningCode): boolean {
    return this.#given.has(code)
  }

  /** A request was judged so; undefined: it goes on with its session. `now`: milliseconds. */
  judged(reason: StartReason | undefined, now: number): void {
    // Both ways: a clock may be set back.
    if (Math.abs(now - this.#minuteFrom) >= MINUTE) {
      this.#minuteFrom = now
      this.#requests = 0
      this.#foreign = 0
    }
    this.#requests++
    if (reason !== 'unknown-key' && reason !== 'bad-signature') return
    this.#foreign++
    if (this.#foreign < FOREIGN.least || this.#foreign < this.#requests * FOREIGN.part) return
    if (Math.abs(now - this.#reportedAt) < MINUTE) return
    this.#reportedAt = now
    const message =
      `${this.#foreign} of the last ${this.#requests} requests brought a cookie of this name and form that no secret here has signed, so each began a ` +
      'new session. Most likely another backend signs with another LIMPET_SECRET: give all of them the same list. Or somebody forges cookies. ' +
      'Reported at most once a minute'
    this.#emit({ type: 'warning', code: 'foreign-secret', message })
  }

  /** Two clocks that should agree are so far apart. `ahead`: milliseconds, below zero if the first is behind. */
  clockSkew(whose: string, ahead: number, than: string): void {
    if (Math.abs(ahead) < SKEW) return
    const seconds = Math.round(Math.abs(ahead) / 1000)
    this.once(
      'clock-skew',
      `${whose} is ${seconds} seconds ${ahead > 0 ? 'ahead of' : 'behind'} ${than}. Sessions go on; set the clock by NTP, since logs and ` +
        'other software believe it. Reported once',
    )
  }
}
