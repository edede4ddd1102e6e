import type { Random } from '../consistency/driver/random.ts'
import type { Weather } from './link.ts'

/** What faults change while a history runs. */
export interface Sky extends Weather {
  /** Milliseconds that each message takes at most, in addition. */
  slow: number
}

export function createWeather(): Sky {
  const sky: Sky = {
    slow: 0,
    loss: 0,
    delay(random: Random) {
      const usual = random.chance(0.9) ? random.between(0, 2) : random.between(2, 15)
      return sky.slow > 0 ? usual + random.between(0, sky.slow) : usual
    },
    newsDelay(random: Random) {
      return random.chance(0.8) ? random.between(0, 3) : random.between(3, 100)
    },
  }
  return sky
}
