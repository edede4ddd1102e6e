import { StoreError } from '../core/errors.ts'
import { storeError } from './errors.ts'
import { inTime, type Link } from './link.ts'
import * as reply from './replies.ts'
import { TIME } from './scripts/time.ts'
import { run, type Script, script } from './scripts.ts'
import { ServerClock } from './server-clock.ts'

const TIME_SCRIPT = script(TIME)

export interface FenceOptions {
  readonly isCluster: boolean
  /** How many replicas must have a write before it counts. */
  readonly replicas: number
  /** Where scripts tell of changes, and as whom. */
  readonly channel: string
  readonly writer: string
}

/**
 * Runs scripts that write, so that a write reported as failed does not happen later: each carries the last moment at which it may run,
 * by the server's own clock, and Redis refuses it after that.
 */
export class Fence {
  readonly #link: Link
  readonly #options: FenceOptions
  readonly #clocks = new Map<string, ServerClock>()
  #clocksOf = -1

  constructor(link: Link, options: FenceOptions) {
    this.#link = link
    this.#options = options
  }

  /** The script gets the deadline, the channel and the writer as its first arguments. `until`: milliseconds of `performance.now()`. */
  async run(
    name: string,
    what: Script,
    keys: readonly [string, ...string[]],
    args: readonly (string | number)[],
    until: number,
  ): Promise<readonly unknown[]> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#try(name, what, keys, args, until)
      if (answer[0] !== 'late') return answer
      // Either it really was late, or the clocks have drifted apart.
      this.#clocks.delete(this.#place(keys[0]))
      if (attempt > 0) throw tooLate(name)
    }
  }

  async #try(
    name: string,
    what: Script,
    keys: readonly [string, ...string[]],
    args: readonly (string | number)[],
    until: number,
  ): Promise<readonly unknown[]> {
    const deadline = await this.#serverTime(keys[0], until)
    if (performance.now() >= until) throw tooLate(name)
    const { channel, writer, replicas } = this.#options
    const { losses } = this.#link
    try {
      const answer = await run(this.#link, what, keys, [deadline, channel, writer, ...args])
      const done = reply.isDone(answer)
      // The client may have sent it again, and this is the answer to the second time.
      if (this.#link.losses !== losses && !done) throw new Error(`the connection broke, then Redis said '${answer[0]}'`)
      if (done && replicas > 0) await this.#replicated(until, losses)
      return answer
    } catch (error) {
      const failure = storeError(error, name, this.#link.losses !== losses)
      // It may still be on its way. Whoever hears of the failure can rely on it: from now on it does not happen any more.
      if (failure.applied === 'unknown') await passed(until)
      throw failure
    }
  }

  /** WAIT speaks of all that the server had written before: enough, unless another server answers by now. */
  async #replicated(until: number, losses: number): Promise<void> {
    const { replicas } = this.#options
    const left = Math.max(1, Math.floor(until - performance.now()))
    const reached = Number(await this.#link.send('', ['WAIT', String(replicas), String(left)]))
    if (reached >= replicas && this.#link.losses === losses) return
    const message = `the write is known to have reached ${reached} of ${replicas} replicas`
    throw new StoreError(message, { applied: 'unknown', outage: false })
  }

  async #serverTime(key: string, until: number): Promise<number> {
    const time = this.#clock(key).at(until)
    if (typeof time === 'number') return time
    try {
      return await inTime(until, time, 'Redis did not tell its time')
    } catch (error) {
      const { message, outage } = storeError(error, 'TIME')
      throw new StoreError(message, { applied: false, outage, cause: error })
    }
  }

  #clock(key: string): ServerClock {
    // Another server may answer now.
    if (this.#clocksOf !== this.#link.losses) this.#clocks.clear()
    this.#clocksOf = this.#link.losses
    const place = this.#place(key)
    const known = this.#clocks.get(place)
    if (known) return known
    const clock = this.#options.isCluster
      ? new ServerClock(async () => reply.time(await run(this.#link, TIME_SCRIPT, [place], [])), 1)
      : new ServerClock(async () => reply.time(await this.#link.send('', ['TIME'])))
    this.#clocks.set(place, clock)
    return clock
  }

  /** In a cluster each node has a clock of its own. The part of a key that chooses the node (there are 4096) stands for it. */
  #place(key: string): string {
    return this.#options.isCluster ? key.slice(0, key.indexOf('}') + 1) : ''
  }
}

function tooLate(name: string): StoreError {
  return new StoreError(`it was too late for a ${name}: nothing was done`, { applied: false, outage: true })
}

function passed(until: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, until - performance.now())))
}
