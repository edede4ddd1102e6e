import { startBalancer } from '../balancer/balancer.ts'
import type { Cause, Step } from './causes.ts'
import { type Answer, Client } from './client.ts'
import { type LaneId, type Lanes, laneIds, type PerLane } from './lanes.ts'

/** `begins`: the session begins here. `kept`, `lost`: it was looked for. `failed`: no answer of the kind expected. */
export type Outcome = 'begins' | 'kept' | 'lost' | 'failed'

export type Verdict = 'kept' | 'lost' | 'failed'

export interface PlayedStep {
  readonly method: string
  readonly path: string
  readonly idle: number
  readonly status: number
  readonly backend: string
  readonly outcome: Outcome
  readonly setCookie: readonly string[]
}

export interface Play {
  readonly verdict: Verdict
  readonly steps: readonly PlayedStep[]
}

/** One cause, played in every lane. */
export async function playAll(cause: Cause, lanes: Lanes): Promise<PerLane<Play>> {
  return inEachLane((id) => play(cause, lanes[id].urls()))
}

/** The same in all lanes, at the same time: they share nothing. */
export async function inEachLane<T>(work: (id: LaneId) => Promise<T>): Promise<PerLane<T>> {
  const [alone, shared, sticky] = await Promise.all([work('alone'), work('shared'), work('sticky')])
  return { alone, shared, sticky }
}

/** Puts a fresh balancer with the cause's fault in front of the backends and walks a new client through the steps. */
export async function play(cause: Cause, backends: readonly string[]): Promise<Play> {
  let now = Date.now()
  const balancer = await startBalancer({ ...cause.balancer, backends, listener: 'http-insert', clock: () => now })
  try {
    const client = new Client(balancer.url)
    const steps: PlayedStep[] = []
    for (const step of cause.steps) {
      now += step.idle ?? 0
      const { status, backend, setCookie, body } = await client.ask(step.method, step.path)
      const outcome = outcomeOf(step, { status, body })
      steps.push({ method: step.method, path: step.path, idle: step.idle ?? 0, status, backend, outcome, setCookie })
    }
    return { verdict: verdictOf(steps), steps }
  } finally {
    await balancer.close()
  }
}

/** What one answer says about the session. */
export function outcomeOf(step: Step, { status, body }: Pick<Answer, 'status' | 'body'>): Outcome {
  if (step.begins !== undefined) return status === step.begins ? 'begins' : 'failed'
  if (status >= 500 || typeof body !== 'object' || body === null) return 'failed'
  if (step.path === '/account') return status === 200 && 'visitor' in body ? 'kept' : 'lost'
  return 'cart' in body && Array.isArray(body.cart) && body.cart.length > 0 ? 'kept' : 'lost'
}

/** A session that was missing once was lost, even if a later request happens to find it again. */
export function verdictOf(steps: readonly Pick<PlayedStep, 'outcome'>[]): Verdict {
  const saw = (outcome: Outcome) => steps.some((step) => step.outcome === outcome)
  if (saw('failed')) return 'failed'
  if (saw('lost')) return 'lost'
  return saw('begins') && saw('kept') ? 'kept' : 'failed'
}

/** What each lane has to show of a cause. */
export const causeExpects: PerLane<Verdict> = { alone: 'lost', shared: 'kept', sticky: 'kept' }

/** What was said of the lanes beforehand, and how they came out. */
export interface Shown {
  readonly expects: PerLane<Verdict>
  readonly results: PerLane<{ readonly verdict: Verdict }>
}

/** Whether every lane did what is said of it. Nothing played is nothing shown. */
export function proven(shown: readonly Shown[]): boolean {
  const asSaid = ({ expects, results }: Shown) => laneIds.every((id) => results[id].verdict === expects[id])
  return shown.length > 0 && shown.every(asSaid)
}
