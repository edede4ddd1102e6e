import type { Cause } from './causes.ts'
import type { Pair, Play, PlayedStep } from './play.ts'

/** One cause as four lines that fit a terminal of 80 characters. */
export function tableOf(number: number, cause: Cause, { alone, sticky }: Pair): string {
  return [
    `${number}. ${cause.title}`,
    row('', '', alone.steps.map(asked)),
    row('balancer alone', alone.verdict, alone.steps.map(answered)),
    row('with sticky()', sticky.verdict, sticky.steps.map(answered)),
    '',
  ].join('\n')
}

function row(lane: string, verdict: Play['verdict'] | '', cells: readonly string[]): string {
  return `   ${lane.padEnd(16)}${verdict.toUpperCase().padEnd(8)}${cells.map((cell) => cell.padEnd(14)).join('')}`.trimEnd()
}

function asked({ method, path, idle }: PlayedStep): string {
  return `${idle > 0 ? `+${idle / 1000}s ` : ''}${method} ${path}`
}

function answered({ backend, outcome, status }: PlayedStep): string {
  const words = { begins: status, kept: 'kept', lost: 'lost', failed: `error ${status}` }
  return `${backend} ${words[outcome]}`
}
