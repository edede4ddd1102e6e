import { newLatencies } from './latencies.ts'
import type { Measured } from './rounds.ts'
import type { Sample } from './sample.ts'
import { type Spread, spread } from './statistics.ts'
import type { Framework, Subject } from './subjects.ts'

export interface Result {
  readonly name: string
  readonly framework: Framework
  readonly label: string
  readonly requestsPerSecond: Spread
  /** Requests per second over the bare framework's, measured in turns with it. */
  readonly ratio: Spread
  /** Microseconds of the server's CPU, all threads. */
  readonly cpuPerRequest: Spread
  /** That over the bare framework's. */
  readonly cpuRatio: Spread
  /** Share of its core that the server had at saturation, in its worst round. */
  readonly busy: number
  readonly commandsPerRequest: number
  /** By command, per request. */
  readonly commands: Readonly<Record<string, number>>
  /** Milliseconds, at saturation. */
  readonly p99Saturated: Spread
  /** Milliseconds, at the fixed rate: of all rounds' requests together. */
  readonly p99: number
  /** At the fixed rate, over the bare framework's. */
  readonly p99Ratio: Spread
}

export function resultsOf(subjects: readonly Subject[], all: readonly Measured[]): Result[] {
  return subjects.map((subject) => {
    const own = all.filter(({ name }) => name === subject.name)
    const samples = own.map(({ sample }) => sample)
    const overBare = (pick: (sample: Sample) => number) =>
      spread(own.map(({ sample, bare }) => pick(sample) / pick(bare)))
    const commands = perRequest(samples)
    return {
      name: subject.name,
      framework: subject.framework,
      label: subject.label,
      requestsPerSecond: spread(samples.map((sample) => sample.requestsPerSecond)),
      ratio: overBare((sample) => sample.requestsPerSecond),
      cpuPerRequest: spread(samples.map((sample) => sample.cpuPerRequest)),
      cpuRatio: overBare((sample) => sample.cpuPerRequest),
      busy: Math.min(...samples.map((sample) => sample.busy)),
      commands,
      commandsPerRequest: Object.values(commands).reduce((sum, count) => sum + count, 0),
      p99Saturated: spread(samples.map((sample) => sample.p99Saturated / 1000)),
      p99: pooledP99(samples),
      p99Ratio: overBare((sample) => sample.paced.getValueAtPercentile(99)),
    }
  })
}

/** One's requests per second over another's, round by round; undefined when the run has not measured both. */
export function speedOver(all: readonly Measured[], name: string, other: string): Spread | undefined {
  const ratios = all
    .filter((one) => one.name === name)
    .flatMap(({ round, sample }) => {
      const same = all.find((one) => one.name === other && one.round === round)
      return same ? [sample.requestsPerSecond / same.sample.requestsPerSecond] : []
    })
  return ratios.length > 0 ? spread(ratios) : undefined
}

function perRequest(samples: readonly Sample[]): Record<string, number> {
  const requests = samples.reduce((sum, { counted }) => sum + counted.requests, 0)
  const calls = new Map<string, number>()
  for (const { counted } of samples) {
    for (const [name, count] of counted.commands) calls.set(name, (calls.get(name) ?? 0) + count)
  }
  return Object.fromEntries([...calls].sort().map(([name, count]) => [name, count / requests]))
}

function pooledP99(samples: readonly Sample[]): number {
  const all = newLatencies()
  for (const { paced } of samples) all.add(paced)
  return all.getValueAtPercentile(99) / 1000
}
