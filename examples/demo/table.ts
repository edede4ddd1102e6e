import type { Cause } from './causes.ts'
import { type LaneId, laneIds, type PerLane } from './lanes.ts'
import type { Play, PlayedStep, Verdict } from './play.ts'
import type { Result, Trial } from './trials.ts'

// Everything fits a terminal of 80 characters, and half a screen of lines.

const titles: PerLane<string> = { alone: 'balancer alone', shared: 'shared store', sticky: 'with sticky()' }

export function intro(store: 'memory' | 'redis'): string {
  const shared =
    store === 'redis'
      ? ['express-session with connect-redis; all share your Redis']
      : [
          'express-session, all backends share one MemoryStore, which is',
          'here for connect-redis: both read and write whole sessions',
        ]
  return [
    '',
    'One balancer, three backends, the same requests over real HTTP, in three lanes.',
    `   ${titles.alone}  express-session, each backend with a memory of its own`,
    ...shared.map((line, i) => `   ${(i === 0 ? titles.shared : '').padEnd(14)}  ${line}`),
    `   ${titles.sticky}   limpet, all backends share ${store === 'redis' ? 'your Redis' : 'one memoryStore()'}`,
    '',
  ].join('\n')
}

/** One cause as four lines. */
export function tableOf(number: number, cause: Cause, plays: PerLane<Play>): string {
  return [
    `${`${number}. ${cause.title}`.padEnd(28)}${cells(plays.alone.steps.map(asked))}`,
    ...laneIds.map((id) => row(id, plays[id].verdict, plays[id].steps.map(answered))),
  ].join('\n')
}

export const trialHead = `\n${' '.repeat(32)}${laneIds.map((id) => titles[id].padEnd(16)).join('')}`.trimEnd()

/** One trial as one line. */
export function trialRow(number: number, { title }: Trial, results: PerLane<Result>): string {
  const shown = laneIds.map((id) => results[id].text.padEnd(16))
  return `${`${number}. ${title}`.padEnd(32)}${shown.join('')}`.trimEnd()
}

/** `failedOver`: whether a failover of Redis was among the trials. */
export function conclusion(shown: boolean, failedOver: boolean): string {
  if (!shown) return '\nThis is not what the demo should show: see the lanes above.\n'
  const last = failedOver
    ? 'Of the write that a failover took, limpet tells the application.'
    : 'To see a failover of Redis: --redis, with redis-server on the PATH.'
  return `
The balancer alone loses the session each time. A shared store mends the four
causes and the deploy; it loses parallel writes and undoes the logout.
With sticky() all of that is kept.
${last}
`
}

function row(lane: LaneId, verdict: Verdict, answers: readonly string[]): string {
  return `   ${titles[lane].padEnd(16)}${verdict.toUpperCase().padEnd(9)}${cells(answers)}`.trimEnd()
}

function cells(texts: readonly string[]): string {
  return texts
    .map((text) => text.padEnd(13))
    .join('')
    .trimEnd()
}

function asked({ method, path, idle }: PlayedStep): string {
  return `${idle > 0 ? `+${idle / 1000}s ` : ''}${method} ${path}`
}

function answered({ backend, outcome, status }: PlayedStep): string {
  const words = { begins: status, kept: 'kept', lost: 'lost', failed: `error ${status}` }
  return `${backend} ${words[outcome]}`
}
