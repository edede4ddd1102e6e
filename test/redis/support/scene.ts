import type { Redis } from 'ioredis'
import type { StickyOptions } from '../../../src/index.ts'
import type { Store } from '../../../src/ports/store.ts'
import { type RedisStoreOptions, redisStore } from '../../../src/redis.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { Backend } from './backend.ts'
import { type ClientOptions, type HandedIn, handIn, type Library, outside } from './clients.ts'

export interface Actor {
  readonly backend: Backend
  readonly handedIn: HandedIn
}

export interface SceneOptions extends ClientOptions {
  readonly sticky?: StickyOptions
  readonly store?: RedisStoreOptions
  /** Puts something around the store. */
  readonly around?: (store: Store) => Store
  /** Do not wait until changes are told. */
  readonly untold?: boolean
}

/** What a test has started, ended in the reverse order. */
export class Scene {
  readonly #ends: (() => unknown)[] = []

  /** Remembers how to end it. */
  add<T>(thing: T, end: (thing: T) => unknown): T {
    this.#ends.push(() => end(thing))
    return thing
  }

  async backend(library: Library, url: string, options: SceneOptions = {}): Promise<Actor> {
    const handedIn = this.add(await handIn(library, url, options), (client) => client.end())
    const own = redisStore(handedIn.client, options.store)
    const store = options.around?.(own) ?? own
    const backend = this.add(await Backend.start(store, options.sticky), (started) => started.close())
    if (!options.now && !options.untold) await until(() => backend.invalidation === 'up', 'changes are told')
    return { backend, handedIn }
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end()
  }
}

export interface Stage {
  readonly scene: Scene
  readonly redis: RedisServer
  readonly admin: Redis
}

/** A scene with a Redis of its own, for tests that run beside each other. Ends with the test: `stage(onTestFinished)`. */
export async function stage(
  onTestFinished: (end: () => Promise<void>) => void,
  args: readonly string[] = [],
): Promise<Stage> {
  const scene = new Scene()
  onTestFinished(() => scene.end())
  const redis = scene.add(await startRedis(args), (server) => server.stop())
  return { scene, redis, admin: scene.add(outside(redis.url), (client) => client.disconnect()) }
}
