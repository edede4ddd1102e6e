import type { Fault } from '../history.ts'
import { network } from './faults/network.ts'
import type { Plan, Scene } from './faults/plan.ts'
import { processes } from './faults/processes.ts'
import { server } from './faults/server.ts'
import { sleep } from './redis-pair.ts'

/** What can go wrong, each for about a second. */
const plans = { ...processes, ...network, ...server }

export type FaultName = keyof typeof plans

export const faultNames = Object.keys(plans) as FaultName[]

/** Switches the faults on, one at a time, in an order of its own in each round, until the time is over. All is healed when it resolves. */
export async function torment(
  scene: Scene,
  names: readonly FaultName[],
  now: () => number,
  over: () => boolean,
): Promise<Fault[]> {
  const faults: Fault[] = []
  let round: FaultName[] = []
  while (!over()) {
    await sleep(scene.random.between(300, 600))
    if (names.length === 0 || over()) continue
    if (round.length === 0) round = scene.random.shuffle(names)
    const name = round.pop()
    if (!name) continue
    const plan: Plan = plans[name]
    if (plan.alone) await scene.healthy()
    const start = now()
    const backend = await plan.run(scene)
    faults.push({ name, start, end: now(), lossy: plan.lossy === true, backend })
  }
  return faults
}
