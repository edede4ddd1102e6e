import { sleep } from '../redis-pair.ts'
import { anyBackend, type Plan } from './plan.ts'

/** What happens between the backends and Redis. */
export const network = {
  /** It holds back what is sent, to all or from all, and delivers it late. */
  hold: {
    run: async ({ redis, random, storeTimeout }) => {
      for (const link of redis.links) link.hold()
      await sleep(storeTimeout * random.between(1, 2) + 150)
      for (const link of redis.links) link.release()
      return undefined
    },
  },
  /** Every connection to Redis breaks. */
  cut: {
    run: async ({ redis, random }) => {
      for (let left = random.between(1, 3); left > 0; left--) {
        for (const link of redis.links) link.cut()
        await sleep(random.between(50, 200))
      }
      return undefined
    },
  },
  /** Redis is far away, for everybody. */
  slow: {
    run: async ({ redis, random }) => {
      const some = () => random.between(5, 60)
      for (const link of redis.links) link.slow(some, some)
      await sleep(1200)
      for (const link of redis.links) link.heal()
      return undefined
    },
  },
  /** Redis is far away for one backend: it hears of the others' writes late. */
  'slow-one': {
    run: async (scene) => {
      const { redis, random } = scene
      const victim = anyBackend(scene)
      const back = random.between(100, 350)
      redis.links[victim]?.slow(
        () => random.between(0, 20),
        () => back,
      )
      await sleep(1500)
      redis.links[victim]?.heal()
      return victim
    },
  },
  /** The connections on which backends hear of changes break again and again; those for data stay. */
  'second-cut': {
    run: async ({ redis, random }) => {
      for (let left = random.between(4, 10); left > 0; left--) {
        for (const link of redis.links) if (random.chance(0.7)) link.cutListeners()
        await sleep(random.between(30, 250))
      }
      return undefined
    },
  },
  /** The connection on which one backend hears of changes dies without a word, and is cut a moment later. */
  'second-silent': {
    run: async (scene) => {
      const victim = anyBackend(scene)
      const muted = scene.redis.links[victim]?.muteListeners()
      await sleep(scene.random.between(1000, 2000))
      muted?.cut()
      return victim
    },
  },
} satisfies Record<string, Plan>
