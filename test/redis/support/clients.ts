import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { RedisClient } from '../../../src/redis.ts'
import { until } from '../../support/until.ts'

/** What loading a peer comes to that is not installed. */
export function notInstalled(name: string): { error: unknown } {
  return { error: Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' }) }
}

export type Library = 'ioredis' | 'node-redis'
export const LIBRARIES: readonly Library[] = ['ioredis', 'node-redis']

/** `recommended`: as docs/redis.md says. `default`: as people write it, with the client's offline queue. */
export type Settings = 'recommended' | 'default'

/** A client as an application would hand it in. */
export interface HandedIn {
  readonly client: RedisClient
  readonly isReady: () => boolean
  command(command: readonly string[]): Promise<unknown>
  end(): void
}

export interface ClientOptions {
  readonly settings?: Settings
  readonly keyPrefix?: string
  /** For rediss:// URLs: the certificate to trust. */
  readonly ca?: string
  /** Do not wait for the connection. */
  readonly now?: boolean
  /** Do not connect it. */
  readonly unconnected?: boolean
}

export async function handIn(library: Library, url: string, options: ClientOptions = {}): Promise<HandedIn> {
  const handedIn = library === 'ioredis' ? withIoredis(url, options) : withNodeRedis(url, options)
  if (!options.now && !options.unconnected) await until(handedIn.isReady, `${library} is connected`)
  return handedIn
}

const RECOMMENDED = { enableOfflineQueue: false, autoResendUnfulfilledCommands: false }

function withIoredis(
  url: string,
  { settings = 'recommended', keyPrefix = '', ca, unconnected = false }: ClientOptions,
): HandedIn {
  const client = new Redis(url, {
    ...(settings === 'recommended' ? RECOMMENDED : {}),
    ...(ca === undefined ? {} : { tls: { ca } }),
    keyPrefix,
    lazyConnect: unconnected,
    // Quick, so that tests are.
    retryStrategy: () => 50,
  })
  client.on('error', () => undefined)
  return {
    client,
    isReady: () => client.status === 'ready',
    command: ([name = '', ...args]) => client.call(name, args),
    end: () => client.disconnect(),
  }
}

function withNodeRedis(url: string, { settings = 'recommended', ca, unconnected }: ClientOptions): HandedIn {
  const client = createClient({
    url,
    disableOfflineQueue: settings === 'recommended',
    socket: { reconnectStrategy: () => 50, ...(ca === undefined ? {} : { tls: true, ca }) },
  })
  client.on('error', () => undefined)
  if (!unconnected) client.connect().catch(() => undefined)
  return {
    client,
    isReady: () => client.isReady,
    command: (command) => client.sendCommand([...command]),
    end: () => {
      if (client.isOpen) client.destroy()
    },
  }
}

/** A connection of the test's own, to look at Redis from outside. */
export function outside(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  redis.on('error', () => undefined)
  return redis
}

/** How often Redis has run a command (as a name of `INFO commandstats`: `get`, `client|tracking`). */
export async function calls(redis: Redis, command: string): Promise<number> {
  const stats = await redis.info('commandstats')
  return Number(new RegExp(`cmdstat_${command.replace('|', '\\|')}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
}
