import type { Clock } from '../../ports/clock.ts'
import type { Store } from '../../ports/store.ts'
import type { Warnings } from './warnings.ts'

/** What time it is, for all that is judged by time. */
export interface StoreClock {
  /**
   * Whole milliseconds since 1970, as tokens carry them: the store's where it has a clock, this backend's own where it
   * has none or nobody has asked it yet.
   */
  now(): number
  /** False: the store has a clock, and it was not measured yet. */
  isMeasured(): boolean
}

/** Milliseconds between two comparisons of the clocks. */
const COMPARE_EVERY = 60_000

/** Backends whose own clocks differ keep each other's sessions, because all of them judge by the store's. */
export function createStoreClock(store: Store, own: Clock, warnings: Warnings): StoreClock {
  if (!store.now) return { now: own, isMeasured: () => true }
  let comparedAt = Number.NEGATIVE_INFINITY
  let isMeasured = false
  return {
    now() {
      const shared = store.now?.()
      isMeasured = shared !== undefined
      if (shared === undefined) return Math.floor(own())
      if (!(Math.abs(shared - comparedAt) < COMPARE_EVERY)) {
        comparedAt = shared
        warnings.clockSkew("this backend's clock", own() - shared, "the store's, by which times are judged")
      }
      return Math.floor(shared)
    },
    isMeasured: () => isMeasured || store.now?.() !== undefined,
  }
}
