import type { Histogram } from 'hdr-histogram-js'
import type { Contender, Counted } from './contender.ts'
import { newLatencies } from './latencies.ts'
import { saturate } from './load.ts'
import { paced } from './paced.ts'

/** What one round saw of one subject, added up slice by slice. */
export class Sample {
  readonly counted: Counted
  #seconds = 0
  #cpu = 0
  #requests = 0
  readonly #saturated = newLatencies()
  /** Microseconds, at the fixed rate. */
  readonly paced: Histogram = newLatencies()

  constructor(counted: Counted) {
    this.counted = counted
  }

  get requestsPerSecond(): number {
    return this.#requests / this.#seconds
  }

  /** Microseconds of the server's CPU, all threads. */
  get cpuPerRequest(): number {
    return this.#cpu / this.#requests
  }

  /** Share of one core that the server's process had while it was saturated. */
  get busy(): number {
    return this.#cpu / (this.#seconds * 1e6)
  }

  /** Microseconds. */
  get p99Saturated(): number {
    return this.#saturated.getValueAtPercentile(99)
  }

  async addSaturated({ server, load }: Contender, requests: number): Promise<void> {
    const before = await server.usage()
    const { answers, seconds, latencies } = await saturate(load, { requests })
    const after = await server.usage()
    this.#requests += answers
    this.#seconds += seconds
    this.#cpu += after.cpu - before.cpu
    this.#saturated.add(latencies)
  }

  async addPaced({ load }: Contender, rate: number, seconds: number): Promise<void> {
    this.paced.add(await paced(load, rate, seconds))
  }
}
