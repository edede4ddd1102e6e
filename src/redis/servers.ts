import type { Link } from './link.ts'
import * as reply from './replies.ts'
import { TIME } from './scripts/time.ts'
import { run, script } from './scripts.ts'
import { ServerClock } from './server-clock.ts'

const TIME_SCRIPT = script(TIME)

/** What a server says of itself: its time in milliseconds since 1970 and, if that was asked for, its run id. */
interface Answer {
  readonly time: number
  readonly runId?: string | undefined
}

/** One Redis server: what time it is there, and whether it is still the same one. */
export class RedisServer {
  readonly clock: ServerClock
  /** Another one may answer by now. */
  #isInDoubt = true
  #runId = ''

  constructor(ask: (wantsRunId: boolean) => Promise<Answer>, samples?: number) {
    this.clock = new ServerClock(async () => {
      const { time, runId } = await ask(this.#isInDoubt)
      if (runId !== undefined) {
        this.#isInDoubt = false
        this.#runId = runId
      }
      return time
    }, samples)
  }

  /**
   * Part of its `run_id`, which each start of a server makes anew, and which a replica keeps when it is promoted. Empty:
   * it does not tell. As certain as the time: known once `clock.at()` has answered.
   */
  get runId(): string {
    return this.#runId
  }

  doubt(): void {
    this.#isInDoubt = true
    this.clock.doubt()
  }
}

/**
 * The servers behind one connection: one, or the nodes of a cluster. The part of a key that chooses the node (there are
 * 4096) stands for it.
 */
export class RedisServers {
  readonly #link: Link
  readonly #isCluster: boolean
  readonly #nodes = new Map<string, RedisServer>()
  #lossesThen = 0
  readonly #main: RedisServer

  /** `place`: in a cluster, part of a key of the node by whose clock times are judged. */
  constructor(link: Link, isCluster: boolean, place: string) {
    this.#link = link
    this.#isCluster = isCluster
    this.#main = isCluster ? this.#nodeOf(place) : new RedisServer((wantsRunId) => this.#ask(wantsRunId))
    link.probe = () => this.#main.clock.measure()
    link.onLoss = () => this.#main.doubt()
  }

  /** Milliseconds since 1970, on the clock that all backends share; undefined: it was not measured yet. */
  now(): number | undefined {
    return this.#main.clock.now()
  }

  /** Before anything that is judged by it. */
  measure(): Promise<void> {
    return this.#main.clock.measure()
  }

  /** The server that holds the key. */
  of(key: string): RedisServer {
    if (!this.#isCluster) return this.#main
    const { losses } = this.#link
    if (this.#lossesThen !== losses) for (const node of this.#nodes.values()) node.doubt()
    this.#lossesThen = losses
    const place = key.slice(0, key.indexOf('}') + 1)
    const known = this.#nodes.get(place)
    if (known) return known
    const node = this.#nodeOf(place)
    this.#nodes.set(place, node)
    return node
  }

  #nodeOf(place: string): RedisServer {
    return new RedisServer(async () => {
      const answer = await run(this.#link, TIME_SCRIPT, [place], [])
      return { time: reply.time(answer), runId: reply.runId(answer[2]) }
    }, 1)
  }

  async #ask(wantsRunId: boolean): Promise<Answer> {
    const time = this.#link.send('', ['TIME'])
    // Who may not know it goes without.
    const info = wantsRunId ? this.#link.send('', ['INFO', 'server']).catch(() => '') : undefined
    return { time: reply.time(await time), runId: info && reply.runId(await info) }
  }
}
