import { expect } from 'vitest'
import { until } from '../../support/until.ts'
import { type Backend, Browser } from './backend.ts'

interface Visitor {
  readonly browser: Browser
  id: string | undefined
  /** Increments that were said to be saved, and those of which nobody knows. */
  saved: number
  unknown: number
  wroteLately: boolean
}

/** Clients that count up, one request after the other, each on any backend. */
export class Load {
  readonly #backends: readonly Backend[]
  readonly #visitors: readonly Visitor[]
  #going: Promise<void>[] = []
  #stopped = false

  constructor(backends: readonly Backend[], visitors: number) {
    this.#backends = backends
    this.#visitors = Array.from({ length: visitors }, () => ({
      browser: new Browser(),
      id: undefined,
      saved: 0,
      unknown: 0,
      wroteLately: false,
    }))
  }

  start(): void {
    this.#going = this.#visitors.map((visitor, n) => this.#run(visitor, n))
  }

  everyoneWrote(): boolean {
    return this.#visitors.every(({ wroteLately }) => wroteLately)
  }

  /** Who has written is asked anew from here on. */
  forgetWho(): void {
    for (const visitor of this.#visitors) visitor.wroteLately = false
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#going)
  }

  async stopAndCheck(): Promise<void> {
    await this.stop()
    for (const { browser, id, saved, unknown } of this.#visitors) {
      const [backend] = this.#backends
      if (!backend) throw new Error('a load needs a backend')
      const read = await until(async () => {
        const answer = await browser.visit(backend, ({ session }) => session.get('count'))
        return answer.error ? undefined : answer
      }, 'the store answers')
      // None, when the other backend's last change is heard only now.
      expect([id, undefined]).toContain(read.id)
      const count = Number(read.value ?? 0)
      const announced = this.#backends.some((one) => one.ofType('behind').some((event) => event.id === id))
      if (!announced) expect(count).toBeGreaterThanOrEqual(saved)
      // More than that, and an update was done twice.
      expect(count).toBeLessThanOrEqual(saved + unknown)
    }
  }

  async #run(visitor: Visitor, start: number): Promise<void> {
    for (let n = start; !this.#stopped; n++) {
      const backend = this.#backends[n % this.#backends.length]
      if (!backend) return
      const answer = await visitor.browser.visit(backend, ({ session }) =>
        session.update('count', (count) => Number(count ?? 0) + 1),
      )
      if (!answer.error) {
        visitor.saved++
        visitor.wroteLately = true
      } else if (answer.error.applied !== false) visitor.unknown++
      // Whatever Redis does, the session stays.
      if (answer.id !== undefined) {
        visitor.id ??= answer.id
        expect(answer.id).toBe(visitor.id)
      }
      // Not a busy loop.
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}
