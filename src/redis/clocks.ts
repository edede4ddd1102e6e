import type { Link } from './link.ts'
import * as reply from './replies.ts'
import { TIME } from './scripts/time.ts'
import { run, script } from './scripts.ts'
import { ServerClock } from './server-clock.ts'

const TIME_SCRIPT = script(TIME)

/**
 * The clocks of the servers behind one connection. In a cluster each node has one of its own; the part of a key that
 * chooses the node (there are 4096) stands for it.
 */
export class Clocks {
  readonly #link: Link
  readonly #isCluster: boolean
  readonly #clocks = new Map<string, ServerClock>()
  #clocksOf = -1
  readonly #main: ServerClock

  /** `place`: in a cluster, part of a key of the node by whose clock times are judged. */
  constructor(link: Link, isCluster: boolean, place: string) {
    this.#link = link
    this.#isCluster = isCluster
    this.#main = isCluster ? this.#clockAt(place) : new ServerClock(() => this.#ask())
    link.probe = () => this.#main.measure()
    link.onLoss = () => this.#main.doubt()
  }

  /** Milliseconds since 1970, on the clock that all backends share; undefined: it was not measured yet. */
  now(): number | undefined {
    return this.#main.now()
  }

  /** Before anything that is judged by it. */
  measure(): Promise<void> {
    return this.#main.measure()
  }

  /** The clock of the server that holds the key. */
  of(key: string): ServerClock {
    if (!this.#isCluster) return this.#main
    // Another server may answer now.
    if (this.#clocksOf !== this.#link.losses) this.#clocks.clear()
    this.#clocksOf = this.#link.losses
    const place = key.slice(0, key.indexOf('}') + 1)
    const known = this.#clocks.get(place)
    if (known) return known
    const clock = this.#clockAt(place)
    this.#clocks.set(place, clock)
    return clock
  }

  #clockAt(place: string): ServerClock {
    return new ServerClock(async () => reply.time(await run(this.#link, TIME_SCRIPT, [place], [])), 1)
  }

  async #ask(): Promise<number> {
    return reply.time(await this.#link.send('', ['TIME']))
  }
}
