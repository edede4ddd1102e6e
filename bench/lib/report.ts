import { describe, type Environment } from './environment.ts'
import type { Goal } from './goals.ts'
import type { Result } from './results.ts'
import type { Settings } from './rounds.ts'
import type { Spread } from './statistics.ts'
import { table } from './table.ts'

export interface Report {
  readonly environment: Environment
  readonly settings: Settings
  /** The server had a core to itself. */
  readonly pinned: boolean
  readonly results: readonly Result[]
  readonly goals: readonly Goal[]
}

const header = ['', 'of bare', 'spread', 'requests/s', 'CPU us', 'of bare', 'Redis commands', 'p99 ms', 'over bare']

export function resultTable(results: readonly Result[]): string {
  return table(header, results.map(row))
}

function row(result: Result): string[] {
  const { label, ratio, requestsPerSecond, cpuPerRequest, cpuRatio, p99, p99Ratio } = result
  return [
    label,
    ratio.median.toFixed(2),
    between(ratio),
    requestsPerSecond.median.toFixed(0),
    cpuPerRequest.median.toFixed(0),
    cpuRatio.median.toFixed(2),
    commandsCell(result),
    p99.toFixed(2),
    `${p99Ratio.median.toFixed(2)} (${between(p99Ratio)})`,
  ]
}

const between = ({ low, high }: Spread) => `${low.toFixed(2)}-${high.toFixed(2)}`

/** The sum, and what it is made of where there is something to say. */
function commandsCell({ commandsPerRequest, commands }: Result): string {
  const names = Object.entries(commands).filter(([, count]) => count >= 0.005)
  const sum = commandsPerRequest > 0 && commandsPerRequest < 0.005 ? '<0.01' : commandsPerRequest.toFixed(2)
  return names.length > 0 ? `${sum} (${names.map(([name]) => name.toUpperCase()).join(' + ')})` : sum
}

export function goalLines(goals: readonly Goal[]): string[] {
  return goals.map(({ text, measured, met, close }) => {
    const verdict = `${met ? 'met' : 'not met'}${close ? ', within the spread' : ''}`
    return `${met ? '  ' : '! '}${text}: ${measured.toFixed(measured < 0.1 ? 4 : 2)}, ${verdict}`
  })
}

export function explanation({ settings, pinned, results }: Report): string {
  const { rounds, seconds, warmUp, connections, rate } = settings
  const starved = results.filter(({ busy }) => busy < 0.9)
  return [
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}; in each, every subject in a fresh process: ${warmUp} s to warm up, a second to count Redis commands, then in turns of half a second with the bare framework`,
    `and others of its kind, ${seconds} s with ${connections} connections (requests per second, CPU of the server's process) and`,
    `${seconds / 2} s at ${rate} requests per second (p99). Medians of the rounds; the spread is their middle half.`,
    pinned ? 'The server has one core to itself; load and Redis share the others.' : 'Nothing was pinned to a core.',
    ...(starved.length > 0 ? [starvedText(starved)] : []),
  ].join('\n')
}

/** Requests per second mean little for a server that waits for its core, or for the load. CPU per request still does. */
function starvedText(starved: readonly Result[]): string {
  const names = starved.map(({ name, busy }) => `${name} ${Math.round(busy * 100)} %`)
  return `Something else was running: at saturation some servers had less than 90 % of their core (${names.join(', ')}).`
}

export function textReport(report: Report): string {
  return [
    describe(report.environment),
    resultTable(report.results),
    explanation(report),
    ...(report.goals.length > 0 ? [['Goals:', ...goalLines(report.goals)].join('\n')] : []),
  ].join('\n\n')
}

export function markdownReport(report: Report): string {
  return [
    resultTable(report.results),
    explanation(report),
    `${describe(report.environment)}. Made by \`${report.environment.command}\`.`,
    goalLines(report.goals)
      .map((line) => `- ${line.replace(/^[! ] /, '')}`)
      .join('\n'),
  ].join('\n\n')
}
