import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import session from 'express-session'
import { memoryStore } from 'limpet'
import { type Keeper, withExpressSession, withSticky } from './keepers.ts'
import { type Prices, startPrices, urlOf } from './prices.ts'
import { shop } from './shop.ts'

/** The names that the backends of a lane give themselves, in the order in which the balancer serves them. */
export const names = ['b1', 'b2', 'b3'] as const
export type Name = (typeof names)[number]

/** `alone`: each backend remembers its own sessions. `shared`: express-session, one store for all. `sticky`: limpet. */
export const laneIds = ['alone', 'shared', 'sticky'] as const
export type LaneId = (typeof laneIds)[number]
export type PerLane<T> = Readonly<Record<LaneId, T>>

export interface Backend {
  readonly url: string
  close(): Promise<void>
}

/** Starts one backend: in this process, or as one of its own. It asks at `prices` what things cost. */
export type Starter = (lane: LaneId, name: Name, prices: string) => Promise<Backend>

/** Three backends that keep sessions in the same way. */
export class Lane {
  readonly #running = new Map<Name, Backend>()
  readonly #startOne: (name: Name) => Promise<Backend>
  readonly prices: Prices
  readonly id: LaneId

  constructor(id: LaneId, starter: Starter, prices: Prices) {
    this.#startOne = (name) => starter(id, name, prices.url)
    this.prices = prices
    this.id = id
  }

  running(): Name[] {
    return names.filter((name) => this.#running.has(name))
  }

  /** Those that run, for a balancer. */
  urls(): string[] {
    return names.flatMap((name) => this.#running.get(name)?.url ?? [])
  }

  /** Starts a backend anew: what it had in its memory is gone. Does nothing for one that runs. */
  async start(name: Name): Promise<void> {
    if (!this.#running.has(name)) this.#running.set(name, await this.#startOne(name))
  }

  async stop(name: Name): Promise<void> {
    const backend = this.#running.get(name)
    this.#running.delete(name)
    await backend?.close()
  }

  async close(): Promise<void> {
    await Promise.all(names.map((name) => this.stop(name)))
    await this.prices.close()
  }
}

export interface Lanes extends PerLane<Lane> {
  close(): Promise<void>
}

/** All lanes, each with its backends running. `end` ends what the backends share. */
export async function startLanes(starter: Starter, end?: () => Promise<void>): Promise<Lanes> {
  const make = async (id: LaneId) => new Lane(id, starter, await startPrices())
  const lanes = { alone: await make('alone'), shared: await make('shared'), sticky: await make('sticky') }
  const close = async () => {
    await Promise.all(laneIds.map((id) => lanes[id].close()))
    await end?.()
  }
  try {
    // Lane by lane: six processes that start at once take longer than three and three.
    for (const id of laneIds) await Promise.all(names.map((name) => lanes[id].start(name)))
  } catch (error) {
    await close()
    throw error
  }
  return { ...lanes, close }
}

/** All lanes in this process. Three backends share one store there, as they would share a Redis. */
export async function lanesInProcess(): Promise<Lanes> {
  // One secret for the three backends of a lane: a session must not get lost for want of it.
  const secret = randomBytes(32).toString('base64url')
  const ours = memoryStore()
  // It reads a whole session when a request begins and writes a whole one when it ends, as connect-redis does.
  const theirs = new session.MemoryStore()
  const keepers: Record<LaneId, (name: Name) => Keeper> = {
    alone: () => withExpressSession(secret),
    shared: () => withExpressSession(secret, theirs),
    sticky: (id) => withSticky({ secret, store: ours, backend: { id } }),
  }
  return startLanes(
    (lane, name, prices) => serve(name, keepers[lane](name), prices),
    async () => ours.close?.(),
  )
}

/** One backend, on a free port of the loopback. */
export async function serve(name: string, keeper: Keeper, prices: string): Promise<Backend> {
  const server = createServer(shop(name, keeper, prices)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: urlOf(server.address()),
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await keeper.close?.()
    },
  }
}
