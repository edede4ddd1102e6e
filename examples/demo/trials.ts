import { type Balancer, startBalancer } from '../balancer/balancer.ts'
import { Client, cartOf } from './client.ts'
import type { Lane, Lanes, PerLane } from './lanes.ts'
import { inEachLane, type Verdict } from './play.ts'

/** How one lane came out of a trial: the verdict, and the same in a few words. */
export interface Result {
  readonly verdict: Verdict
  readonly text: string
}

/** What a person at the page can change. */
export interface Knobs {
  /** How many additions arrive at once. */
  readonly atOnce: number
}

export const knobs: Knobs = { atOnce: 20 }

/** Something that can happen to any shop, whatever its balancer does. */
export interface Trial {
  readonly id: 'tabs' | 'logout' | 'deploy' | 'failover'
  readonly title: string
  readonly why: string
  readonly expects: PerLane<Verdict>
  run(lane: Lane, knobs: Knobs): Promise<Result>
}

export const trials: readonly Trial[] = [
  {
    id: 'tabs',
    title: 'Many tabs at once',
    why: 'One thing goes into the cart, then many more at once, spread over the backends. Each handler looks a price up.',
    expects: { alone: 'lost', shared: 'lost', sticky: 'kept' },
    run: addAtOnce,
  },
  {
    id: 'logout',
    title: 'Logout in a slow request',
    why: 'The visitor logs out while a request still waits for a price. Then somebody asks with a copy of the old cookie.',
    expects: { alone: 'lost', shared: 'lost', sticky: 'kept' },
    run: logOutMeanwhile,
  },
  {
    id: 'deploy',
    title: 'A deploy',
    why: 'One backend after the other is stopped and started anew, while the client goes on.',
    expects: { alone: 'lost', shared: 'kept', sticky: 'kept' },
    run: deploy,
  },
]

/** One trial, in every lane. */
export async function tryAll(trial: Trial, lanes: Lanes, chosen: Knobs = knobs): Promise<PerLane<Result>> {
  return inEachLane((id) => trial.run(lanes[id], chosen))
}

export const failed: Result = { verdict: 'failed', text: 'did not work' }

/** A balancer without a fault in front of the lane, and a client that has something in the cart. */
async function begin<T>(
  lane: Lane,
  persistence: boolean,
  go: (client: Client, balancer: Balancer) => Promise<T>,
): Promise<T | Result> {
  const balancer = await startBalancer({ backends: lane.urls(), persistence })
  try {
    const client = new Client(balancer.url)
    const first = await client.ask('POST', '/cart')
    return first.status === 200 ? await go(client, balancer) : failed
  } finally {
    await balancer.close()
  }
}

function addAtOnce(lane: Lane, { atOnce }: Knobs): Promise<Result> {
  return begin(lane, false, async (client) => {
    const answers = await Promise.all(Array.from({ length: atOnce }, () => client.ask('POST', '/cart')))
    const kept = cartOf(await client.ask('GET', '/cart'))?.length
    if (kept === undefined || answers.some(({ status }) => status !== 200)) return failed
    const all = atOnce + 1
    return { verdict: kept === all ? 'kept' : 'lost', text: `kept ${kept} of ${all}` }
  })
}

function logOutMeanwhile(lane: Lane): Promise<Result> {
  return begin(lane, true, async (client) => {
    const copy = client.copy()
    const price = lane.prices.hold()
    const slow = client.ask('POST', '/cart')
    await Promise.race([price.asked, slow])
    const logout = await client.ask('POST', '/logout')
    price.release()
    await slow
    const cart = cartOf(await copy.ask('GET', '/cart'))
    if (!cart || logout.status !== 204) return failed
    return cart.length > 0 ? { verdict: 'lost', text: 'is back' } : { verdict: 'kept', text: 'stays ended' }
  })
}

function deploy(lane: Lane): Promise<Result> {
  return begin(lane, true, async (client, balancer) => {
    for (const [i, name] of lane.running().entries()) {
      await lane.stop(name)
      balancer.setBackends(lane.urls())
      const without = cartOf(await client.ask('GET', '/cart'))
      await lane.start(name)
      balancer.setBackends(lane.urls())
      const again = cartOf(await client.ask('GET', '/cart'))
      if (!without || !again) return failed
      if (without.length === 0 || again.length === 0) return { verdict: 'lost', text: `lost at stop ${i + 1}` }
    }
    return { verdict: 'kept', text: 'kept' }
  })
}
