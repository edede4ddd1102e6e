import { type HintOf, Pool } from './support/pool.ts'
import { type Program, programs } from './support/programs.ts'
import { RunningBalancer } from './support/running.ts'
import { type Result, Stage } from './support/stage.ts'

/** Plays it with all balancers side by side, each with backends that give it a hint, and with some that do not. */
export async function play(redisUrl: string, chosen: readonly Program[] = programs): Promise<readonly Result[]> {
  const pools = new Map<HintOf | undefined, Pool>()
  const stages: Stage[] = []
  const begun = Date.now()
  const poolFor = async (hintOf: HintOf | undefined): Promise<Pool> => {
    const known = pools.get(hintOf)
    if (known) return known
    const pool = await Pool.start(`pool-${begun}-${pools.size}`, redisUrl, hintOf ?? (() => undefined))
    pools.set(hintOf, pool)
    return pool
  }
  const all = (step: (stage: Stage) => Promise<void>) => Promise.all(stages.map(step))
  const inPools = (step: (pool: Pool) => Promise<void>) => Promise.all([...pools.values()].map(step))
  try {
    for (const program of chosen) {
      for (const hintOf of [undefined, program.hintOf]) {
        const pool = await poolFor(hintOf)
        stages.push(new Stage(program, hintOf !== undefined, await RunningBalancer.start(program, pool.ports), pool))
      }
    }
    await all((stage) => stage.notices('web1'))
    await all((stage) => stage.begin())
    await all((stage) => stage.kinds())
    await all((stage) => stage.sockets())
    await all((stage) => stage.loseHint())
    await inPools((pool) => pool.named('web1').stop())
    await all((stage) => stage.goOn())
    await inPools((pool) => pool.startAgain('web1'))
    await all((stage) => stage.notices('web1'))
    await all((stage) => stage.count('restart'))
    await all((stage) => stage.settles())
    const drained = inPools((pool) => pool.named('web2').drain())
    // The second time the sessions that have left arrive somewhere else.
    for (let n = 0; n < 2; n++) await all((stage) => stage.goOn())
    await drained
    await all((stage) => stage.count('drain'))
    await all((stage) => stage.count('drain'))
    await all((stage) => stage.end())
    return stages.map(({ result }) => result)
  } finally {
    for (const stage of stages) await stage.stop()
    await inPools((pool) => pool.stop())
  }
}
