import { sleep } from '../redis-pair.ts'
import { anyBackend, type Plan } from './plan.ts'

const MINUTE = 60_000
/** By how much a backend's clock may be wrong, in milliseconds. */
const SHIFTS = [2 * MINUTE, 10 * MINUTE, 2 * 24 * 60 * MINUTE].flatMap((shift) => [shift, -shift])

/** What happens to backends. */
export const processes = {
  /** A backend is killed with -9 and started again. */
  kill: {
    run: async (scene) => {
      const victim = anyBackend(scene)
      await scene.fleet.kill(victim)
      await sleep(scene.random.between(200, 600))
      await scene.fleet.launch(victim)
      return victim
    },
  },
  /** A deployment: one backend after the other ends in peace and is started again. */
  rolling: {
    run: async ({ fleet }) => {
      for (const [index] of fleet.ports.entries()) {
        const impatient = setTimeout(() => fleet.kill(index), 2000)
        await fleet.kill(index, 'SIGTERM')
        clearTimeout(impatient)
        await fleet.launch(index)
      }
      return undefined
    },
  },
  /** A backend comes back with a clock that is minutes or days off, and later with one that is right. */
  clock: {
    run: async (scene) => {
      const victim = anyBackend(scene)
      const { fleet, random } = scene
      await fleet.kill(victim, 'SIGKILL')
      await fleet.launch(victim, random.pick(SHIFTS))
      await sleep(random.between(1500, 2500))
      await fleet.kill(victim, 'SIGKILL')
      await fleet.launch(victim)
      return victim
    },
  },
  /** A backend's event loop stands still, and Redis is well. */
  lag: {
    alone: true,
    run: async (scene) => {
      const victim = anyBackend(scene)
      await scene.ask(victim, '/block?ms=1500')
      await sleep(300)
      return victim
    },
  },
} satisfies Record<string, Plan>
