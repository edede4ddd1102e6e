import { type Clock, install } from '@sinonjs/fake-timers'
import { Agenda } from './agenda.ts'

// Those of the process, as they were before anything was installed.
const { nextTick } = process
const realImmediate = setImmediate

/** When every history begins. */
export const START = Date.UTC(2026, 0, 1)

/**
 * Virtual time: Date, performance and all timers of this process stand still until the next event is due, and then jump to it. Everything that
 * happens is such an event, so nothing is waited for, and the same plan makes the same history.
 *
 * What limpet and its libraries ask for is fake-timers' matter. The simulation's own events, which are most, are on an agenda beside it, which costs a
 * fifth. At the same time a timer comes before an event of the agenda, as in an event loop.
 */
export class VirtualTime {
  readonly #clock: Clock
  readonly #agenda = new Agenda()

  private constructor(clock: Clock) {
    this.#clock = clock
  }

  static install(): VirtualTime {
    const toFake = [
      'Date',
      'performance',
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
      'clearImmediate',
    ] as const
    return new VirtualTime(install({ now: START, toFake: [...toFake], loopLimit: 1_000_000 }))
  }

  uninstall(): void {
    this.#clock.uninstall()
  }

  /** Milliseconds since the history began. */
  get now(): number {
    return this.#clock.now - START
  }

  /** Forgets what was to happen, and begins again at 0. */
  reset(): void {
    this.#clock.reset()
    this.#agenda.clear()
  }

  /** `event` happens at this time. Two of the same time happen in the order in which they were asked for. */
  at(time: number, event: () => void): void {
    this.#agenda.add(Math.max(this.now, Math.round(time)), event)
  }

  after(delay: number, event: () => void): void {
    this.#agenda.add(this.now + Math.max(0, Math.round(delay)), event)
  }

  sleep(delay: number): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve))
  }

  /** One event after the other, until none is left or the time is over. What a promise has waited for happens before the next event. */
  async run(until: number): Promise<void> {
    let over = false
    this.at(until, () => {
      over = true
    })
    await settled()
    while (!over) {
      this.#step()
      await settled()
    }
  }

  #step(): void {
    const due = START + this.#agenda.next
    if (this.#timerDue() <= due) this.#clock.next()
    else {
      this.#clock.now = due
      this.#agenda.take()?.()
    }
  }

  #timerDue(): number {
    return this.#clock.timerHeap?.peek()?.callAt ?? Number.POSITIVE_INFINITY
  }

  /** Lets the process itself breathe, between two histories: signals, output. */
  breathe(): Promise<void> {
    return new Promise((resolve) => realImmediate(resolve))
  }
}

/** Node empties the queue of promises before it looks for ticks again, so a tick asked for by a promise comes after all of them. */
function settled(): Promise<void> {
  return new Promise((resolve) => nextTick(resolve))
}
