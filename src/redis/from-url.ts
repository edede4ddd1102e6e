import type * as Ioredis from 'ioredis'
import type * as NodeRedis from 'redis'
import { isThenable } from '../core/thenable.ts'
import type { Store } from '../ports/store.ts'
import type { RedisDriver } from './client/connection.ts'
import { ioredisDriver } from './client/ioredis.ts'
import { lazyDriver } from './client/lazy.ts'
import { type Attempt, moduleOf, noClient, type PeerName } from './client/missing.ts'
import { nodeRedisDriver } from './client/node-redis.ts'
import { isCertainlyMissing, loadPeer } from './client/peers.ts'
import { storeOn } from './redis-store.ts'
import { checkRedisUrl } from './redis-url.ts'

/** Tries to load an optional peer, at once or later. */
export type LoadPeer = (name: PeerName) => Attempt | Promise<Attempt>

/**
 * A store for a URL. Its client is a template that is never connected: the store opens connections of its own. Uses
 * ioredis, or else redis. Throws `ERR_LIMPET_OPTIONS` when the URL is none of Redis, and `ERR_LIMPET_CLIENT` when
 * neither is installed. Where only loading can tell (ES modules in a bundle), that is the reason with which each call
 * of the store rejects.
 */
export function redisStoreFromUrl(url: string, load: LoadPeer = loadPeer): Store {
  checkRedisUrl(url)
  if (load === loadPeer && isCertainlyMissing()) throw noClient()
  const ioredis = load('ioredis')
  return isThenable(ioredis) ? storeLater(later(url, ioredis, load)) : storeOn(now(url, ioredis, load))
}

/** What cannot be thrown any more, whoever watches is warned of. */
function storeLater(loading: Promise<RedisDriver>): Store {
  const store = storeOn(lazyDriver(loading))
  return {
    ...store,
    watch(watcher) {
      loading.catch((error: Error) => watcher.warn('no-client', error.message))
      return store.watch?.(watcher) ?? (() => undefined)
    },
  }
}

function now(url: string, ioredis: Attempt, load: LoadPeer): RedisDriver {
  return withIoredis(url, ioredis) ?? withNodeRedis(url, load('redis') as Attempt)
}

async function later(url: string, ioredis: PromiseLike<Attempt>, load: LoadPeer): Promise<RedisDriver> {
  return withIoredis(url, await ioredis) ?? withNodeRedis(url, await load('redis'))
}

function withIoredis(url: string, attempt: Attempt): RedisDriver | undefined {
  const module = moduleOf('ioredis', attempt)
  if (module === undefined) return undefined
  const { Redis } = namesOf<typeof Ioredis>(module, 'Redis')
  return ioredisDriver(new Redis(url, { lazyConnect: true }))
}

function withNodeRedis(url: string, attempt: Attempt): RedisDriver {
  const module = moduleOf('redis', attempt)
  if (module === undefined) throw noClient()
  const { createClient } = namesOf<typeof NodeRedis>(module, 'createClient')
  return nodeRedisDriver(createClient({ url }))
}

/** Some bundlers have what CommonJS exports under `default` alone. */
function namesOf<M extends object>(module: unknown, name: keyof M): M {
  const exports = module as M & { default?: M }
  return exports[name] === undefined && exports.default ? exports.default : exports
}
