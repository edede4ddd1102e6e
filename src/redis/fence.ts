import { StoreError } from '../core/errors.ts'
import type { Patience } from '../deadline/patience.ts'
import { isReadOnly, storeError } from './errors.ts'
import type { Link } from './link.ts'
import * as reply from './replies.ts'
import { run, type Script } from './scripts.ts'
import type { RedisServer, RedisServers } from './servers.ts'

/**
 * How often a script is sent that Redis finds too late: once because clocks have drifted apart, otherwise because our
 * own event loop stood still.
 */
const MOST_ATTEMPTS = 4

export interface FenceOptions {
  /** How many replicas must have a write before it counts. */
  readonly replicas: number
  /** Where scripts tell of changes, and as whom. */
  readonly channel: string
  readonly writer: string
}

/** Arguments of a script; a function where they speak of the server that will run it. */
export type Arguments = readonly (string | number)[] | ((server: RedisServer) => (string | number)[])

/**
 * Runs scripts that write, so that a write reported as failed does not happen later: each carries the last moment at
 * which it may run, by the server's own clock, and Redis refuses it after that.
 */
export class Fence {
  readonly #link: Link
  readonly #servers: RedisServers
  readonly #options: FenceOptions

  constructor(link: Link, servers: RedisServers, options: FenceOptions) {
    this.#link = link
    this.#servers = servers
    this.#options = options
  }

  /** The script gets the deadline, the channel and the writer as its first arguments. */
  async run(
    name: string,
    what: Script,
    keys: readonly [string, ...string[]],
    args: Arguments,
    patience: Patience,
  ): Promise<readonly unknown[]> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#try(name, what, keys, args, patience)
      if (answer[0] !== 'late') return answer
      // It was late, or the clocks have drifted apart.
      this.#servers.of(keys[0]).clock.doubt()
      if (attempt >= MOST_ATTEMPTS) throw tooLate(name)
    }
  }

  async #try(
    name: string,
    what: Script,
    keys: readonly [string, ...string[]],
    args: Arguments,
    patience: Patience,
  ): Promise<readonly unknown[]> {
    const { until, deadline } = await this.#deadline(name, keys[0], patience)
    const { channel, writer, replicas } = this.#options
    const { losses } = this.#link
    let answer: readonly unknown[]
    try {
      const own = typeof args === 'function' ? args(this.#servers.of(keys[0])) : args
      answer = await run(this.#link, what, keys, [deadline, channel, writer, ...own])
      // The client may have sent it again, and this is the answer to the second time.
      if (this.#mayBeTwice(losses) && !reply.isDone(answer)) throw new Error('the connection broke')
    } catch (error) {
      const failure = storeError(error, name, this.#mayBeTwice(losses))
      // After the replies to what was sent with it.
      if (isReadOnly(error)) setImmediate(() => this.#link.renew())
      // It may still be on its way. Whoever hears of the failure can rely on it: from now on it does not happen any
      // more.
      if (failure.applied === 'unknown') await passed(until)
      throw failure
    }
    if (replicas > 0 && reply.isDone(answer)) await this.#replicated(patience, losses)
    return answer
  }

  /** Was it sent again, as clients of a cluster do when a node is gone? */
  #mayBeTwice(losses: number): boolean {
    return this.#link.resends && this.#link.losses !== losses
  }

  /** WAIT speaks of all that the server had written before: enough, unless another server answers by now. */
  async #replicated(patience: Patience, losses: number): Promise<void> {
    const { replicas } = this.#options
    const left = Math.max(1, Math.floor(patience.left))
    let reached = 0
    try {
      reached = Number(await this.#link.hold(this.#link.send('', ['WAIT', String(replicas), String(left)])))
    } catch {
      // The write was done, and whether a replica has it is what nobody knows.
    }
    if (reached >= replicas && this.#link.losses === losses) return
    const message = `the write is known to have reached ${reached} of ${replicas} replicas`
    throw new StoreError(message, { applied: 'unknown', outage: false })
  }

  /** The same moment on our steady clock and on the server's. */
  async #deadline(name: string, key: string, patience: Patience): Promise<{ until: number; deadline: number }> {
    const { clock } = this.#servers.of(key)
    try {
      for (;;) {
        const { until } = patience
        if (until <= performance.now()) throw tooLate(name)
        const time = clock.at(until)
        if (typeof time === 'number') return { until, deadline: time }
        await patience.wait(time, () => tooLate(name))
      }
    } catch (error) {
      const { message, outage } = storeError(error, 'TIME')
      throw new StoreError(message, { applied: false, outage })
    }
  }
}

function tooLate(name: string): StoreError {
  return new StoreError(`it was too late for a ${name}: nothing was done`, { applied: false, outage: true })
}

function passed(until: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, until - performance.now())))
}
