import { readOnlyBys, sleep } from '../redis-pair.ts'
import type { Plan, Scene } from './plan.ts'

/** What happens to Redis. */
export const server = {
  /** It stops for less than storeTimeout. */
  pause: { run: (scene) => paused(scene, scene.storeTimeout * 0.5) },
  /** It stops for much longer, then carries out what was sent to it meanwhile. */
  'pause-long': { run: (scene) => paused(scene, scene.storeTimeout * scene.random.between(2, 3)) },
  /** It is killed with -9 and comes back from its append-only file. */
  restart: {
    run: async ({ redis }) => {
      await redis.restart()
      return undefined
    },
  },
  /** The primary dies with writes that it acknowledged and did not replicate. */
  failover: {
    lossy: true,
    run: async ({ redis, random }) => {
      await redis.failover(random.between(150, 400), random.between(50, 300))
      return undefined
    },
  },
  /** It comes back empty. */
  wipe: {
    lossy: true,
    run: async ({ redis }) => {
      await redis.wipe()
      return undefined
    },
  },
  /** It refuses writes, and answers reads. */
  readonly: {
    run: async ({ redis, random }) => {
      await redis.readOnly(random.pick(readOnlyBys), random.between(800, 1500))
      return undefined
    },
  },
  /** It throws sessions out for want of memory. */
  evict: {
    lossy: true,
    run: async ({ redis, random }) => {
      await redis.evict(random.pick([0, 0.3, 0.6]), random.between(100, 400))
      return undefined
    },
  },
  /** Its replica hears nothing for a while: a write that waits for it gets no word in time. */
  'replica-lag': {
    run: async ({ redis, random }) => {
      await redis.lag(random.between(700, 1300))
      return undefined
    },
  },
} satisfies Record<string, Plan>

async function paused({ redis }: Scene, milliseconds: number): Promise<undefined> {
  redis.pause()
  try {
    await sleep(milliseconds)
  } finally {
    redis.resume()
  }
}
