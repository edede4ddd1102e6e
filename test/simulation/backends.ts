import { Random } from '../consistency/driver/random.ts'
import { type Break, breakStore } from './breaks.ts'
import type { Link, RemoteStore } from './link.ts'
import type { Plan } from './plan.ts'
import { createSubject, type Subject } from './subject.ts'

/** One life of a backend's process. */
export interface Life {
  readonly backend: number
  readonly boot: number
  readonly subject: Subject
  readonly link: Link
  /** Set when the process is gone. */
  dead: boolean
}

/** The backends of one history, and the balancer before them. */
export class Backends {
  readonly #plan: Plan
  readonly #broken: Break | undefined
  readonly #remote: RemoteStore
  readonly #lives: (Life | undefined)[]
  readonly #offsets: number[]
  #boots = 0

  constructor(plan: Plan, remote: RemoteStore, broken: Break | undefined) {
    this.#plan = plan
    this.#broken = broken
    this.#remote = remote
    this.#offsets = Array.from({ length: plan.backends }, () => 0)
    this.#lives = this.#offsets.map((_, backend) => this.#boot(backend))
  }

  life(backend: number): Life | undefined {
    return this.#lives[backend]
  }

  /** The one that `where` (in parts of 1) points to, or the next one that is up. */
  pick(where: number): Life | undefined {
    const first = Math.floor(where * this.#lives.length)
    for (let next = 0; next < this.#lives.length; next++) {
      const life = this.#lives[(first + next) % this.#lives.length]
      if (life) return life
    }
    return undefined
  }

  kill(backend: number): void {
    const life = this.#lives[backend]
    if (!life) return
    life.dead = true
    life.link.kill()
    life.subject.close()
    this.#lives[backend] = undefined
  }

  start(backend: number): void {
    this.#lives[backend] ??= this.#boot(backend)
  }

  /** From now on this backend's clock is so many milliseconds off. */
  shift(backend: number, offset: number): void {
    this.#offsets[backend] = offset
  }

  #boot(backend: number): Life {
    const boot = ++this.#boots
    const random = new Random(this.#plan.seed * 31 + boot * 1009 + backend)
    const link = this.#remote.connect(random.fork())
    const { idleTimeout, storeTimeout } = this.#plan
    const clock = () => Date.now() + (this.#offsets[backend] ?? 0)
    const about = {
      backend: `b${backend}`,
      store: breakStore(link.store, this.#broken),
      random,
      clock,
      idleTimeout,
      storeTimeout,
    }
    const subject = createSubject({ ...about, broken: this.#broken })
    return { backend, boot, subject, link, dead: false }
  }
}
