import type { Fault } from '../history.ts'
import type { Fleet } from './fleet.ts'
import type { Random } from './random.ts'
import { type RedisPair, sleep } from './redis-pair.ts'

interface Scene {
  readonly fleet: Fleet
  readonly redis: RedisPair
  readonly random: Random
  /** The deadline that limpet gives a store call. */
  readonly storeTimeout: number
}

interface Plan {
  readonly lossy?: boolean
  run(scene: Scene): Promise<void>
}

/** What can go wrong, each for about a second. */
const plans = {
  /** A backend is killed with -9 and started again. */
  kill: {
    run: async ({ fleet, random }) => {
      const victim = random.between(0, fleet.ports.length - 1)
      await fleet.kill(victim)
      await sleep(random.between(200, 600))
      await fleet.launch(victim)
    },
  },
  /** Redis stops for less than storeTimeout. */
  pause: { run: (scene) => paused(scene, scene.storeTimeout * 0.5) },
  /** Redis stops for much longer, then carries out what was sent to it meanwhile. */
  'pause-long': { run: (scene) => paused(scene, scene.storeTimeout * scene.random.between(2, 3)) },
  /** The network holds back what is sent, to all or from all, and delivers it late. */
  hold: {
    run: async ({ redis, random, storeTimeout }) => {
      for (const link of redis.links) link.hold()
      await sleep(storeTimeout * random.between(1, 2) + 150)
      for (const link of redis.links) link.release()
    },
  },
  /** Every connection to Redis breaks. */
  cut: {
    run: async ({ redis, random }) => {
      for (let left = random.between(1, 3); left > 0; left--) {
        for (const link of redis.links) link.cut()
        await sleep(random.between(50, 200))
      }
    },
  },
  /** Redis is far away, for everybody. */
  slow: {
    run: async ({ redis, random }) => {
      const some = () => random.between(5, 60)
      for (const link of redis.links) link.slow(some, some)
      await sleep(1200)
      for (const link of redis.links) link.heal()
    },
  },
  /** Redis is far away for one backend: it hears of the others' writes late. */
  'slow-one': {
    run: async ({ redis, random }) => {
      const link = random.pick(redis.links)
      const back = random.between(100, 350)
      link.slow(
        () => random.between(0, 20),
        () => back,
      )
      await sleep(1500)
      link.heal()
    },
  },
  /** Redis is killed with -9 and comes back from its append-only file. */
  restart: { run: ({ redis }) => redis.restart() },
  /** The primary dies with writes that it acknowledged and did not replicate. */
  failover: {
    lossy: true,
    run: ({ redis, random }) => redis.failover(random.between(150, 400), random.between(50, 300)),
  },
  /** Redis comes back empty. */
  wipe: { lossy: true, run: ({ redis }) => redis.wipe() },
} satisfies Record<string, Plan & { run(scene: Scene): Promise<void> }>

export type FaultName = keyof typeof plans

export const faultNames = Object.keys(plans) as FaultName[]

async function paused({ redis }: Scene, milliseconds: number): Promise<void> {
  redis.pause()
  try {
    await sleep(milliseconds)
  } finally {
    redis.resume()
  }
}

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
    const start = now()
    await plan.run(scene)
    faults.push({ name, start, end: now(), lossy: plan.lossy === true })
  }
  return faults
}
