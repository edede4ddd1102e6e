import { createRequire } from 'node:module'
import type * as Ioredis from 'ioredis'
import type * as NodeRedis from 'redis'
import { LimpetError } from '../../core/errors.ts'
import type { Store } from '../../ports/store.ts'
import { redisStore } from './redis-store.ts'

/**
 * Milliseconds after which a connection that does not answer is given up. When a server vanishes without a word (a failover in a cloud), the
 * operating system would need a quarter of an hour to notice.
 */
const SILENCE = 5000

/** Loads an optional peer; undefined when it is not installed. Synchronous, so that what is missing is said at start-up. */
export type LoadPeer = (name: string) => unknown

/**
 * A store with a client of its own, whose settings suit requests: nothing is kept for later, nothing is sent twice. Uses ioredis, or else
 * redis; throws `ERR_LIMPET_CLIENT` when neither is installed.
 */
export function redisStoreFromUrl(url: string, load: LoadPeer = loadPeer): Store {
  const ioredis = load('ioredis') as typeof Ioredis | undefined
  if (ioredis) return withIoredis(url, ioredis)
  const redis = load('redis') as typeof NodeRedis | undefined
  if (redis) return withNodeRedis(url, redis)
  throw new LimpetError(
    'ERR_LIMPET_CLIENT',
    'REDIS_URL is set and no Redis client is installed: "npm install ioredis" (or redis), or pass sticky({ store })',
  )
}

function withIoredis(url: string, { Redis }: typeof Ioredis): Store {
  const client = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
    connectTimeout: 2000,
    socketTimeout: SILENCE,
    retryStrategy: (times) => Math.min(50 * times, 1000),
    // After a failover behind one name the old primary answers READONLY: connect again, to the new one, without sending twice.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
  return owning(redisStore(client), client, () => client.disconnect())
}

function withNodeRedis(url: string, { createClient }: typeof NodeRedis): Store {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    // Its socketTimeout counts while nothing is asked, too.
    pingInterval: SILENCE / 2,
    socket: { connectTimeout: 2000, socketTimeout: SILENCE, reconnectStrategy: (times) => Math.min(50 * times, 1000) },
  })
  client.connect().catch(() => undefined)
  return owning(redisStore(client as never), client, () => client.destroy())
}

/** Store calls tell of failures themselves; an `error` event without a listener would end the process. */
function owning(store: Store, client: { on(event: 'error', listener: () => void): unknown }, end: () => void): Store {
  client.on('error', () => undefined)
  return {
    ...store,
    async close() {
      await store.close?.()
      end()
    },
  }
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
