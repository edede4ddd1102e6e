import { type Balancer, startBalancer } from '../balancer/balancer.ts'
import { Client, cartOf } from './client.ts'
import { type Lane, type LaneId, type Lanes, laneIds, type Name, names, type PerLane } from './lanes.ts'
import { inEachLane } from './play.ts'
import type { Result } from './trials.ts'

/** A client of each lane that stays, for whoever stops backends by hand. */
export class Regulars {
  readonly #lanes: Lanes
  readonly #visits = new Map<LaneId, { readonly balancer: Balancer; readonly client: Client }>()

  constructor(lanes: Lanes) {
    this.#lanes = lanes
  }

  /** Starts what was stopped, stops the one that is named, and asks in each lane whether the client's cart is there. */
  stop(stopped: Name | undefined): Promise<PerLane<Result>> {
    return inEachLane(async (id) => {
      const lane = this.#lanes[id]
      const { balancer, client } = await this.#visitOf(id)
      for (const name of names) if (name !== stopped) await lane.start(name)
      if (stopped) await lane.stop(stopped)
      balancer.setBackends(lane.urls())
      return look(client)
    })
  }

  async close(): Promise<void> {
    await Promise.all(laneIds.map((id) => this.#visits.get(id)?.balancer.close()))
  }

  async #visitOf(id: LaneId) {
    const known = this.#visits.get(id)
    if (known) return known
    const visit = await arrive(this.#lanes[id])
    this.#visits.set(id, visit)
    return visit
  }
}

async function arrive(lane: Lane) {
  const balancer = await startBalancer({ backends: lane.urls() })
  const client = new Client(balancer.url)
  await client.ask('POST', '/cart')
  return { balancer, client }
}

/** A cart that was lost is begun anew, so that the next stop has something to lose. */
async function look(client: Client): Promise<Result> {
  const answer = await client.ask('GET', '/cart')
  const cart = cartOf(answer)
  if (!cart) return { verdict: 'failed', text: 'did not work' }
  if (cart.length > 0) return { verdict: 'kept', text: `kept, asked ${answer.backend}` }
  await client.ask('POST', '/cart')
  return { verdict: 'lost', text: `lost, asked ${answer.backend}` }
}
