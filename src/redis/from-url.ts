import { createRequire } from 'node:module'
import type * as Ioredis from 'ioredis'
import type * as NodeRedis from 'redis'
import { isStoreError, LimpetError, StoreError } from '../core/errors.ts'
import type { Store } from '../ports/store.ts'
import { redisStore } from './redis-store.ts'
import { checkRedisUrl } from './redis-url.ts'

/**
 * Milliseconds after which a connection that does not answer is given up. When a server vanishes without a word (a failover in a cloud), the
 * operating system would need a quarter of an hour to notice.
 */
const SILENCE = 5000

/** Loads an optional peer; undefined when it is not installed. Synchronous, so that what is missing is said at start-up. */
export type LoadPeer = (name: string) => unknown

/**
 * A store with a client of its own, whose settings suit requests: nothing is kept for later, nothing is sent twice. Uses ioredis, or else
 * redis; throws `ERR_LIMPET_CLIENT` when neither is installed, and `ERR_LIMPET_OPTIONS` when the URL is none of Redis.
 */
export function redisStoreFromUrl(url: string, load: LoadPeer = loadPeer): Store {
  checkRedisUrl(url)
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
  client.on('error', (error: Error & { command?: { name: string } }) => {
    // It would go on in database 0, among somebody else's keys.
    if (error.command?.name === 'select') client.disconnect(true)
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

interface Client {
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'ready', listener: () => void): unknown
}

/** Store calls tell of failures themselves; an `error` event without a listener would end the process. */
function owning(store: Store, client: Client, end: () => void): Store {
  /** Why there is no connection. */
  let trouble: Error | undefined
  client.on('error', (error) => {
    // ioredis says this of its own check of a connection that is being given up: not why.
    if (!(trouble && /enableOfflineQueue/.test(error.message))) trouble = withoutCommand(error)
  })
  client.on('ready', () => {
    trouble = undefined
  })
  const telling =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      try {
        return await call(...args)
      } catch (error) {
        throw trouble ? because(error, trouble) : error
      }
    }
  return {
    ...store,
    read: telling(store.read),
    write: telling(store.write),
    destroy: telling(store.destroy),
    move: telling(store.move),
    touch: telling(store.touch),
    async close() {
      await store.close?.()
      end()
    },
  }
}

/** A failure that has no cause of its own was one to get a connection. */
function because(error: unknown, trouble: Error): unknown {
  if (!isStoreError(error) || error.cause !== undefined) return error
  const { message, applied, outage } = error
  return new StoreError(`${message} (${trouble.message})`, { applied, outage, cause: trouble })
}

/** ioredis hangs the command that was refused on its error, and with it the password: whoever prints the error would print that. */
function withoutCommand(error: Error): Error {
  Reflect.deleteProperty(error, 'command')
  return error
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
