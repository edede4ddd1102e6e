import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis5'
import { describe, expect, inject, it, test } from 'vitest'
import { redisStore } from '../../src/redis/redis-store.ts'
import { type StoreSetup, testStore } from '../../src/testing.ts'
import { type Lying, loseAll, lying } from './support/redis-keys.ts'

const url = inject('redisUrl')

/** Indexes of labels are sorted sets. */
const typeOf = (key: string) => (key.includes(':label:{') ? 'zset' : 'string')

type Create = (prefix: string, ...rest: Parameters<StoreSetup['createStore']>) => ReturnType<StoreSetup['createStore']>

function ioredis(options: object): Create {
  return (prefix, onEnd) => {
    const client = new Redis(url, { enableOfflineQueue: false, autoResendUnfulfilledCommands: false, ...options })
    onEnd(() => client.disconnect())
    return redisStore(client, { prefix })
  }
}

function nodeRedis(RESP: 2 | 3): Create {
  return async (prefix, onEnd) => {
    const client = createClient({ url, RESP, disableOfflineQueue: true })
    client.on('error', () => undefined)
    await client.connect()
    onEnd(() => client.destroy())
    return redisStore(client, { prefix })
  }
}

/** The oldest versions that are promised to work. */
const ioredis5: Create = (prefix, onEnd) => {
  const client = new Redis5(url, { enableOfflineQueue: false, autoResendUnfulfilledCommands: false })
  onEnd(() => client.disconnect())
  return redisStore(client, { prefix })
}

const nodeRedis5: Create = async (prefix, onEnd) => {
  const client = createClient5({ url, disableOfflineQueue: true })
  client.on('error', () => undefined)
  await client.connect()
  onEnd(() => client.destroy())
  return redisStore(client, { prefix })
}

const clients: Record<string, Create> = {
  ioredis: ioredis({}),
  'ioredis, RESP2': ioredis({ protocol: 2 }),
  'ioredis with a prefix of its own': ioredis({ keyPrefix: 'shop:' }),
  'ioredis with autopipelining': ioredis({ enableAutoPipelining: true }),
  'node-redis, RESP2': nodeRedis(2),
  'node-redis, RESP3': nodeRedis(3),
  'ioredis 5': ioredis5,
  'node-redis 5': nodeRedis5,
}

describe.each(Object.entries(clients))('redisStore with %s', (name, create) => {
  const prefix = `${name.replace(/\W+/g, '-')}:`
  const left: Lying[] = []

  testStore({
    it,
    watches: true,
    claims: true,
    labels: true,
    createStore: (onEnd) => create(prefix, onEnd),
    async loseEverything() {
      left.push(...(await lying(url, prefix)))
      await loseAll(url, prefix)
    },
  })

  test('has left nothing that Redis would keep for ever, and no data beside a tombstone', async () => {
    left.push(...(await lying(url, prefix)))
    expect(left.length).toBeGreaterThan(50)
    for (const { key, type, ttl, value } of left) {
      const isGone = ttl === -2
      expect(`${key} ${isGone || ttl > 0} ${isGone || type}`).toBe(`${key} true ${isGone || typeOf(key)}`)
      // Nothing of the data beside a tombstone: when it ended, and where it went on.
      if (/^[->]/.test(value ?? ''))
        expect(value).toMatch(/^(-\d+|>\d+ \d+( f\d+:\S*\{..\}\S{22})?(\n\S*\{..\}\S{22})+)$/)
    }
  })
})
