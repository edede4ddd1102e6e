import type { Measured } from './rounds.ts'
import type { Sample } from './sample.ts'
import { type Interval, interval, median } from './statistics.ts'
import type { Framework, Kind, Subject } from './subjects.ts'

export interface Result {
  readonly name: string
  readonly framework: Framework
  readonly kind: Kind
  readonly label: string
  readonly processes: number
  readonly requestsPerSecond: number
  /** Over the bare framework's: requests per second, or, where the load could not saturate that one, CPU per request, upside down. */
  readonly ratio: Interval
  /** Microseconds of the server's CPU, all threads. */
  readonly cpu: Interval
  /** Microseconds more than the bare framework's. */
  readonly cpuOverBare: Interval
  /** CPU above the floor's, as a share of the bare framework's. */
  readonly aboveFloor: Interval
  /** Share of its core that the server had at saturation. */
  readonly busy: number
  readonly commandsPerRequest: number
  /** By command, per request. */
  readonly commands: Readonly<Record<string, number>>
  /** Milliseconds, at the fixed rate. */
  readonly p99: number
  /** Over the bare framework's. */
  readonly p99Ratio: Interval
}

/** With less of its core than this the bare framework waited for the load, and requests per second say how fast that is. */
const SATURATED = 0.95

/** The frameworks whose bare server the load could not keep busy: for these CPU per request decides. */
export function unsaturated(all: readonly Measured[]): ReadonlySet<string> {
  const names = new Set(all.filter(({ sample, bare }) => sample === bare).map(({ name }) => name))
  const busyOf = (name: string) => median(all.filter((one) => one.name === name).map(({ sample }) => sample.busy))
  return new Set([...names].filter((name) => busyOf(name) < SATURATED).map((name) => name.split('-')[0] ?? ''))
}

export function resultsOf(subjects: readonly Subject[], all: readonly Measured[]): Result[] {
  const byCpu = unsaturated(all)
  return subjects.map((subject) => {
    const own = all.filter(({ name }) => name === subject.name)
    const samples = own.map(({ sample }) => sample)
    const over = (pick: (one: Measured) => number) => interval(own.map(pick))
    const speed = byCpu.has(subject.framework) ? cheapness : ({ requestsPerSecond }: Sample) => requestsPerSecond
    const commands = perRequest(samples)
    return {
      name: subject.name,
      framework: subject.framework,
      kind: subject.kind,
      label: subject.label,
      processes: own.length,
      requestsPerSecond: median(samples.map((sample) => sample.requestsPerSecond)),
      ratio: over(({ sample, bare }) => speed(sample) / speed(bare)),
      cpu: over(({ sample }) => sample.cpuPerRequest),
      cpuOverBare: over(({ sample, bare }) => sample.cpuPerRequest - bare.cpuPerRequest),
      aboveFloor: over(({ sample, bare, floor }) => (sample.cpuPerRequest - floor.cpuPerRequest) / bare.cpuPerRequest),
      busy: median(samples.map((sample) => sample.busy)),
      commands,
      commandsPerRequest: Object.values(commands).reduce((sum, count) => sum + count, 0),
      p99: median(samples.map((sample) => sample.p99 / 1000)),
      p99Ratio: over(({ sample, bare }) => sample.p99 / bare.p99),
    }
  })
}

const cheapness = ({ cpuPerRequest }: Sample) => 1 / cpuPerRequest

/** One's speed over another's, round by round; undefined when the run has not measured both. */
export function speedOver(all: readonly Measured[], name: string, other: string): Interval | undefined {
  const byCpu = unsaturated(all).has(name.split('-')[0] ?? '')
  const speed = byCpu ? cheapness : ({ requestsPerSecond }: Sample) => requestsPerSecond
  const ratios = all
    .filter((one) => one.name === name)
    .flatMap(({ round, sample }) => {
      const same = all.find((one) => one.name === other && one.round === round)
      return same ? [speed(sample) / speed(same.sample)] : []
    })
  return ratios.length > 0 ? interval(ratios) : undefined
}

function perRequest(samples: readonly Sample[]): Record<string, number> {
  const requests = samples.reduce((sum, { counted }) => sum + counted.requests, 0)
  const calls = new Map<string, number>()
  for (const { counted } of samples) {
    for (const [name, count] of counted.commands) calls.set(name, (calls.get(name) ?? 0) + count)
  }
  return Object.fromEntries([...calls].sort().map(([name, count]) => [name, count / requests]))
}
