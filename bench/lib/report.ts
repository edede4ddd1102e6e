import { describe, type Environment } from './environment.ts'
import type { Goal } from './goals.ts'
import type { Result } from './results.ts'
import type { Settings } from './rounds.ts'
import { ENOUGH, type Interval } from './statistics.ts'
import { table } from './table.ts'

/** One Node. */
export interface Report {
  readonly environment: Environment
  readonly settings: Settings
  readonly generator: string
  /** The server had a core to itself. */
  readonly pinned: boolean
  /** The frameworks whose bare server the load could not keep busy. */
  readonly unsaturated: readonly string[]
  readonly results: readonly Result[]
  readonly goals: readonly Goal[]
}

const header = [
  '',
  'speed, of bare',
  'CPU us',
  'more than bare',
  'above the floor, of bare',
  'Redis commands',
  'p99 ms',
  'p99 over bare',
  'requests/s',
]

export function resultTable({ results, unsaturated }: Report): string {
  return table(
    header,
    results.map((result) => row(result, unsaturated.includes(result.framework))),
  )
}

function row(result: Result, byCpu: boolean): string[] {
  const { label, kind, ratio, requestsPerSecond, cpu, cpuOverBare, aboveFloor, p99, p99Ratio } = result
  const isBare = kind === 'bare'
  const isFloor = kind === 'floor'
  return [
    label,
    isBare ? '1' : `${byCpu ? 'by CPU: ' : ''}${between(ratio, 2)}`,
    cpu.median.toFixed(1),
    isBare ? '' : between(cpuOverBare, 1),
    isBare || isFloor ? '' : `${between(aboveFloor, 0, 100)} %`,
    commandsCell(result),
    p99.toFixed(2),
    isBare ? '' : between(p99Ratio, 2),
    requestsPerSecond.toFixed(0),
  ]
}

function between({ median, low, high }: Interval, digits: number, times = 1): string {
  const text = (value: number) => (value * times).toFixed(digits)
  return `${text(median)} (${text(low)} to ${text(high)})`
}

/** The sum, and what it is made of where there is something to say. */
function commandsCell({ commandsPerRequest, commands }: Result): string {
  const names = Object.entries(commands).filter(([, count]) => count >= 0.005)
  if (commandsPerRequest === 0) return '0'
  const sum = commandsPerRequest < 0.005 ? '<0.01' : commandsPerRequest.toFixed(2)
  return names.length > 0 ? `${sum} (${names.map(([name]) => name.toUpperCase()).join(' + ')})` : sum
}

export function goalLines(goals: readonly Goal[]): string[] {
  return goals.map(({ text, measured, verdict }) => {
    const digits = Math.abs(measured.median) < 0.2 ? 3 : 2
    const value = measured.low === measured.high ? measured.median.toFixed(digits + 1) : between(measured, digits)
    return `- ${text}: ${value}, ${verdict}`
  })
}

export function explanation({ settings, pinned, results, unsaturated, generator }: Report): string {
  const { rounds, seconds, paced, warmUp, connections, rate } = settings
  const once = results.filter(({ processes }) => processes < rounds)
  const interval = rounds < ENOUGH ? 'lowest and highest, for want of rounds' : '95 % interval of the median'
  return [
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}, a fresh process for each subject in each of them: ${warmUp} requests to warm up, then, in turns of one second with the`,
    `others of its framework, ${seconds} s with ${connections} connections from ${generator} (speed, CPU of the server's process) and ${paced} s at ${rate}`,
    `requests per second (p99). Medians; in parentheses the ${interval}.`,
    pinned ? 'The server has one core to itself; load and Redis share the others.' : 'Nothing was pinned to a core.',
    ...(once.length > 0 ? [`In every fourth round only: ${once.map(({ name }) => name).join(', ')}.`] : []),
    ...unsaturated.map(
      (framework) =>
        `The load did not keep bare ${framework} busy (it had ${busyOf(framework, results)} % of its core), so CPU per request decides: speed of ${framework} is bare's CPU over the subject's.`,
    ),
  ].join('\n')
}

function busyOf(framework: string, results: readonly Result[]): string {
  const bare = results.find((one) => one.framework === framework && one.kind === 'bare')
  return ((bare?.busy ?? 0) * 100).toFixed(0)
}

export function report(made: Report): string {
  return [
    resultTable(made),
    explanation(made),
    `${describe(made.environment)}. Made by \`${made.environment.command}\`.`,
    ...(made.goals.length > 0 ? [`Goals:\n\n${goalLines(made.goals).join('\n')}`] : []),
  ].join('\n\n')
}
