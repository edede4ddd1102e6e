import { type Result, speedOver } from './results.ts'
import type { Measured } from './rounds.ts'
import type { Interval } from './statistics.ts'
import { type Framework, theirsOf } from './subjects.ts'

export interface Goal {
  readonly text: string
  readonly measured: Interval
  /** `open`: the goal lies inside the interval, so another run may say the opposite. */
  readonly verdict: 'met' | 'open' | 'not met'
}

/** Shares of the bare framework's CPU, above the floor. */
const shares = { cookie: 0.05, read: 0.12 }
const overTheirs: Record<Framework, { readonly read: number; readonly write: number }> = {
  express: { read: 3, write: 1.5 },
  koa: { read: 6, write: 1.5 },
}
const commands = { read: 0.01, write: 1.01 }
const p99Ceiling = 1.1

/** On lines before 24 every request of Express has hidden classes of its own, and the middleware cannot help that. */
const ofOldLines = { cookie: 0.88, read: 0.85 }

/** The goals that this run can judge: those whose subjects it measured. */
export function goalsOf(results: readonly Result[], all: readonly Measured[], line: number): Goal[] {
  return results.flatMap((result) => [...own(result, line), ...against(result, all, line)])
}

function own({ name, kind, ratio, aboveFloor, p99Ratio, commandsPerRequest }: Result, line: number): Goal[] {
  if (!/-limpet-(attach-)?(cookie|read|write)$/.test(name)) return []
  const goals: Goal[] = []
  if (kind === 'cookie' || kind === 'read') {
    const isOld = line < 24 && name.startsWith('express') && !name.includes('attach')
    if (isOld) goals.push(atLeast(`${name}: of bare`, ratio, ofOldLines[kind]))
    else goals.push(atMost(`${name}: CPU above the floor, of bare`, aboveFloor, shares[kind]))
    goals.push(atMost(`${name}: p99 over bare's`, p99Ratio, p99Ceiling))
  }
  if (kind === 'read' || kind === 'write') {
    goals.push(atMost(`${name}: Redis commands`, exactly(commandsPerRequest), commands[kind]))
  }
  return goals
}

function against({ name, framework, kind }: Result, all: readonly Measured[], line: number): Goal[] {
  if (line < 24 || !name.includes('-limpet-') || name.endsWith('-store')) return []
  if (kind !== 'read' && kind !== 'write') return []
  const theirs = theirsOf(framework, kind)
  const speed = speedOver(all, name, theirs)
  return speed ? [atLeast(`${name}: speed over ${theirs}`, speed, overTheirs[framework][kind])] : []
}

const exactly = (value: number): Interval => ({ median: value, low: value, high: value })

/** Met when even the worse end of the interval meets it. */
function atLeast(text: string, measured: Interval, goal: number): Goal {
  const verdict = measured.low >= goal ? 'met' : measured.high >= goal ? 'open' : 'not met'
  return { text: `${text}: at least ${goal}`, measured, verdict }
}

function atMost(text: string, measured: Interval, goal: number): Goal {
  const verdict = measured.high <= goal ? 'met' : measured.low <= goal ? 'open' : 'not met'
  return { text: `${text}: at most ${goal}`, measured, verdict }
}
