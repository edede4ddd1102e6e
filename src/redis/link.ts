import { StoreError } from '../core/errors.ts'
import type { RedisConnection } from './connection.ts'

/** A connection that can break: who waits for it, what is under way on it, and how often it has broken. */
export class Link {
  readonly #connection: RedisConnection
  readonly #stop: () => void
  readonly #waiting = new Set<() => void>()
  readonly #underWay = new Set<(error: Error) => void>()
  #losses = 0

  constructor(connection: RedisConnection) {
    this.#connection = connection
    this.#stop = connection.observe({
      ready: () => {
        for (const go of this.#waiting) go()
      },
      lost: () => {
        this.#losses++
        for (const reject of this.#underWay) reject(new Error('the connection broke'))
        this.#underWay.clear()
      },
    })
  }

  /** When it has risen while a command was under way, nobody knows whether it ran, nor, if the client sends again, how often. */
  get losses(): number {
    return this.#losses
  }

  send(key: string, command: readonly string[]): Promise<unknown> {
    const answer = this.#connection.send(key, command)
    if (this.#connection.settles) return answer
    return new Promise((resolve, reject) => {
      this.#underWay.add(reject)
      const settled = () => this.#underWay.delete(reject)
      answer.finally(settled).then(resolve, reject)
    })
  }

  /**
   * Waits for the connection, but no longer than `until` (milliseconds of `performance.now()`). What is not sent now is not sent
   * at all: a command in a client's queue would run when nobody knows of it any more.
   */
  ready(until: number): Promise<void> | undefined {
    if (this.#connection.isReady()) return undefined
    let go: (() => void) | undefined
    const ready = new Promise<void>((resolve) => {
      go = resolve
      this.#waiting.add(resolve)
    })
    this.#connection.wake()
    return inTime(until, ready, 'there is no connection to Redis').finally(() => go && this.#waiting.delete(go))
  }

  close(): void {
    this.#stop()
  }
}

/** Waits for what has to come before a command is sent, but not beyond `until`: then nothing has been done. */
export function inTime<T>(until: number, answer: Promise<T>, why: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new StoreError(`${why}: nothing was done`, { applied: false, outage: true }))
    // Whole milliseconds: of two timers for the same number, Node runs the older one first. A caller who now starts its own, for its own
    // deadline, knows less about what has happened.
    const timer = setTimeout(late, Math.max(0, Math.ceil(until - performance.now())))
    answer.finally(() => clearTimeout(timer)).then(resolve, reject)
  })
}
