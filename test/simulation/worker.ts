import type { FindingKind } from '../consistency/checker/exchanges/finding.ts'
import type { Break } from './breaks.ts'
import type { FaultKind } from './plan.ts'
import { printHistory } from './print.ts'
import { once, planOf, simulate, smallest } from './simulate.ts'
import type { Summary } from './summary.ts'
import { VirtualTime } from './time.ts'

/** What all tasks of one run have in common. */
export interface Terms {
  readonly seed: number
  readonly broken: Break | undefined
  readonly faults: readonly FaultKind[] | undefined
}

/** `play` these histories; tell the smallest `story` of what one of them has; `show` all of one. */
export type Task =
  | { readonly kind: 'play'; readonly from: number; readonly histories: number }
  | { readonly kind: 'story'; readonly number: number; readonly of: FindingKind }
  | { readonly kind: 'show'; readonly number: number }

export interface Text {
  readonly text: string
  readonly findings: number
}

export interface Played {
  readonly summary: Summary
  /** Seconds of a core that it took. */
  readonly seconds: number
}

export type Done = Played | Text

// Thousands of errors are made on purpose, and nobody reads where.
Error.stackTraceLimit = 0

const time = VirtualTime.install()
const terms: Terms = JSON.parse(process.argv[2] ?? '')

process.on('message', async (task: Task) => {
  process.send?.(await carryOut(task))
})

async function carryOut(task: Task): Promise<Done> {
  const { seed, broken, faults } = terms
  if (task.kind === 'play') {
    const before = process.cpuUsage()
    const summary = await simulate(time, { ...terms, ...task })
    const { user, system } = process.cpuUsage(before)
    return { summary, seconds: (user + system) / 1e6 }
  }
  const plan = planOf(seed, task.number, faults)
  if (task.kind === 'show') {
    const { history, judgement } = await once(plan, time, broken)
    return { text: printHistory(plan, history, judgement.findings), findings: judgement.findings.length }
  }
  const small = await smallest(plan, task.of, time, broken)
  return { text: printHistory(small.plan, small.history, small.findings), findings: small.findings.length }
}
