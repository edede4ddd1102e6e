import { type Result, speedOver } from './results.ts'
import type { Measured } from './rounds.ts'
import type { Spread } from './statistics.ts'
import { type Framework, theirsOf } from './subjects.ts'

export interface Goal {
  readonly text: string
  readonly measured: number
  readonly met: boolean
  /** The goal lies between the quarters of the rounds: another run may say the opposite. */
  readonly close: boolean
}

const frameworks: readonly Framework[] = ['express', 'koa']
const titles: Record<Framework, string> = { express: 'Express', koa: 'Koa' }
const cookieFloor: Record<Framework, number> = { express: 0.95, koa: 0.9 }
const readFloor = 0.9
const readOverTheirs = 1.7
const readCommands = 0.01
/** Five percent is what the rounds can tell apart. */
const p99Ceiling = 1.05

/** The goals that this run can judge: those whose subjects it measured. */
export function goalsOf(results: readonly Result[], all: readonly Measured[]): Goal[] {
  return frameworks.flatMap((framework) => {
    const title = titles[framework]
    const of = (kind: string) => results.find(({ name }) => name === `${framework}-limpet-${kind}`)
    const [cookie, read, write] = [of('cookie'), of('read'), of('write')]
    const goals: Goal[] = []
    if (cookie) {
      goals.push(atLeast(`${title}: cookie only, of bare`, cookie.ratio, cookieFloor[framework]))
      goals.push(atMost(`${title}: cookie only, p99 over bare's`, cookie.p99Ratio, p99Ceiling))
    }
    if (read) {
      goals.push(atLeast(`${title}: read of a current copy, of bare`, read.ratio, readFloor))
      const overTheirs = speedOver(all, read.name, theirsOf(framework, 'read'))
      if (overTheirs)
        goals.push(atLeast(`${title}: the same, over ${theirsOf(framework, 'read')}`, overTheirs, readOverTheirs))
      goals.push(atMost(`${title}: the same, Redis commands`, exactly(read.commandsPerRequest), readCommands))
      goals.push(atMost(`${title}: the same, p99 over bare's`, read.p99Ratio, p99Ceiling))
    }
    if (write) {
      const overTheirs = speedOver(all, write.name, theirsOf(framework, 'write'))
      if (overTheirs) goals.push(atLeast(`${title}: write, over ${theirsOf(framework, 'write')}`, overTheirs, 1))
      // A renewal may fall into the run, off the request's path.
      goals.push(atMost(`${title}: write, Redis commands`, exactly(write.commandsPerRequest), 1 + readCommands))
    }
    return goals
  })
}

const exactly = (value: number): Spread => ({ median: value, low: value, high: value })

function atLeast(text: string, { median, low, high }: Spread, goal: number): Goal {
  const close = low < goal && goal <= high
  return { text: `${text}: at least ${goal}`, measured: median, met: median >= goal, close }
}

function atMost(text: string, { median, low, high }: Spread, goal: number): Goal {
  const close = low <= goal && goal < high
  return { text: `${text}: at most ${goal}`, measured: median, met: median <= goal, close }
}
