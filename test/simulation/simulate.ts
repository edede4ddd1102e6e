import type { ExchangeHistory } from '../consistency/checker/exchanges/exchange.ts'
import type { Finding, FindingKind } from '../consistency/checker/exchanges/finding.ts'
import { type Judgement, judge } from '../consistency/checker/exchanges/judge.ts'
import type { Break } from './breaks.ts'
import { generate } from './generate.ts'
import { type FaultKind, faultKinds, type Plan } from './plan.ts'
import { GRACE, play } from './play.ts'
import { shrink } from './shrink.ts'
import { merged, NONE, type Summary, summaryOf } from './summary.ts'
import type { VirtualTime } from './time.ts'

export interface SimulateOptions {
  readonly seed: number
  readonly histories: number
  readonly broken?: Break | undefined
  /** Default: all. */
  readonly faults?: readonly FaultKind[] | undefined
  /** The first history, by its number. Default 1. */
  readonly from?: number
  /** Called for every history; true: that is enough. */
  readonly each?: (number: number, judgement: Judgement) => boolean
}

/** The plan of the history of this number, with only these faults. */
export function planOf(seed: number, number: number, kinds: readonly FaultKind[] = faultKinds): Plan {
  const plan = generate(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b))
  return { ...plan, faults: plan.faults.filter(({ kind }) => kinds.includes(kind)) }
}

/** Plays histories of consecutive numbers, one after the other. */
export async function simulate(time: VirtualTime, options: SimulateOptions): Promise<Summary> {
  const { seed, histories, broken, faults, from = 1, each } = options
  let summary = NONE
  for (let number = from; number < from + histories; number++) {
    const { history, judgement } = await once(planOf(seed, number, faults), time, broken)
    summary = merged(summary, summaryOf(number, history, judgement))
    if (number % 50 === 0) await time.breathe()
    if (each?.(number, judgement)) break
  }
  return summary
}

export async function once(plan: Plan, time: VirtualTime, broken?: Break) {
  const history = await play(plan, time, broken)
  return { history, judgement: judge(history, { grace: GRACE }) }
}

export interface Shrunk {
  readonly plan: Plan
  readonly history: ExchangeHistory
  readonly findings: readonly Finding[]
}

/** The same violation in as few requests as possible. */
export async function smallest(plan: Plan, kind: FindingKind, time: VirtualTime, broken?: Break): Promise<Shrunk> {
  const has = (judgement: Judgement) => judgement.findings.some((one) => one.kind === kind)
  const small = await shrink(plan, async (smaller) => has((await once(smaller, time, broken)).judgement))
  const { history, judgement } = await once(small, time, broken)
  return { plan: small, history, findings: judgement.findings.filter((one) => one.kind === kind) }
}
