import type { Histogram } from 'hdr-histogram-js'
import type { Contender, Counted } from './contender.ts'
import type { Generator } from './generator.ts'
import { newLatencies } from './latencies.ts'
import { paced } from './paced.ts'

/** What one round saw of one subject, added up slice by slice. */
export class Sample {
  readonly counted: Counted
  #seconds = 0
  #answers = 0
  #cpu = 0
  #requests = 0
  /** Microseconds, at the fixed rate. */
  readonly paced: Histogram = newLatencies()

  constructor(counted: Counted) {
    this.counted = counted
  }

  get requestsPerSecond(): number {
    return this.#answers / this.#seconds
  }

  /** Microseconds of the server's CPU, all threads. */
  get cpuPerRequest(): number {
    return this.#cpu / this.#requests
  }

  /** Share of one core that the server's process had while it was to be saturated. */
  get busy(): number {
    return this.#cpu / (this.#seconds * 1e6)
  }

  get p99(): number {
    return this.paced.getValueAtPercentile(99)
  }

  async addSaturated({ server, load }: Contender, generator: Generator, seconds: number): Promise<void> {
    const before = await server.usage()
    const result = await generator.saturate(load, seconds)
    const after = await server.usage()
    this.#answers += result.answers
    this.#seconds += result.seconds
    // The server's own count: the load does not know of those that it was cut off from.
    this.#requests += after.requests - before.requests
    this.#cpu += after.cpu - before.cpu
  }

  async addPaced({ load }: Contender, rate: number, seconds: number): Promise<void> {
    this.paced.add(await paced(load, rate, seconds))
  }
}
