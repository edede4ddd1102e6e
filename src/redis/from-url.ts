import { createRequire } from 'node:module'
import type * as Ioredis from 'ioredis'
import type * as NodeRedis from 'redis'
import { LimpetError } from '../core/errors.ts'
import type { Store } from '../ports/store.ts'
import { redisStore } from './redis-store.ts'
import { checkRedisUrl } from './redis-url.ts'

/** Loads an optional peer; undefined when it is not installed. Synchronous, so that what is missing is said at start-up. */
export type LoadPeer = (name: string) => unknown

/**
 * A store for a URL. Its client is a template that is never connected: the store opens connections of its own. Uses ioredis, or else
 * redis; throws `ERR_LIMPET_CLIENT` when neither is installed, and `ERR_LIMPET_OPTIONS` when the URL is none of Redis.
 */
export function redisStoreFromUrl(url: string, load: LoadPeer = loadPeer): Store {
  checkRedisUrl(url)
  const ioredis = load('ioredis') as typeof Ioredis | undefined
  if (ioredis) return redisStore(new ioredis.Redis(url, { lazyConnect: true }))
  const redis = load('redis') as typeof NodeRedis | undefined
  if (redis) return redisStore(redis.createClient({ url }) as never)
  throw new LimpetError(
    'ERR_LIMPET_CLIENT',
    'REDIS_URL is set and no Redis client is installed: "npm install ioredis" (or redis), or pass sticky({ store })',
  )
}

function loadPeer(name: string): unknown {
  const require = createRequire(import.meta.url)
  try {
    return require(name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}
