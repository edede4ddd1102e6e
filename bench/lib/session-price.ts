import { randomBytes } from 'node:crypto'
import { RedisStore } from 'connect-redis'
import { Redis } from 'ioredis'
import { startRedis } from '../../test/support/redis-server.ts'
import { openBackends } from './backends.ts'
import { difference, inParallel, type RedisUsage, redisUsage } from './redis-usage.ts'

export type SessionShape = 'small' | 'typical' | 'large'

const small = { user: 'ada@example.org', csrf: 'a2f6c1d09b7e4853' }

/** The shapes of bench/servers/data.mjs. */
export const SHAPES: Readonly<Record<SessionShape, Readonly<Record<string, unknown>>>> = {
  small,
  typical: { ...small, locale: 'en-GB', since: 1750000000000, note: 'x'.repeat(200) },
  large: { ...small, draft: 'x'.repeat(16_384) },
}

/** One session of a library in Redis. */
export interface SessionPrice {
  readonly shape: SessionShape
  /** MEMORY USAGE of its key. */
  readonly bytes: number
  /** What `used_memory` grows by: with its place in Redis' tables, and, for limpet, with who is to be told of its changes. */
  readonly growth: number
  /** Microseconds of Redis' CPU for a request that reads or writes one value of it. */
  readonly read: number
  readonly write: number
  /** Bytes that Redis sends for such a read. */
  readonly readBytes: number
}

interface Library {
  readonly login: (n: number) => Promise<unknown>
  readonly read: (n: number) => Promise<unknown>
  readonly write: (n: number) => Promise<unknown>
  readonly close: () => Promise<unknown>
}

const TTL = 86_400_000
const WIDTH = 50

export type Open = (url: string, shape: SessionShape) => Promise<Library>

/** Through the store that backends use, with a watcher as they have one. */
export const limpet: Open = async (url, shape) => {
  const [backend] = await openBackends(url, 1)
  if (!backend) throw new Error('no backend')
  const ids = new Ids(() => randomBytes(18).toString('base64url'))
  const texts = new Map(Object.entries(SHAPES[shape]).map(([key, value]) => [key, JSON.stringify(value)]))
  const how = { delete: [], expect: undefined, maxBytes: 100_000, seen: 0, ttl: TTL, within: 10_000 }
  const one = new Map([['user', JSON.stringify(small.user)]])
  return {
    login: (n) => backend.store.write(ids.at(n), { ...how, set: texts }),
    read: (n) => backend.store.read(ids.at(n), { seen: 0, touch: undefined, ttl: TTL }),
    write: (n) => backend.store.write(ids.at(n), { ...how, set: one }),
    close: () => backend.close(),
  }
}

/** As express-session calls it with `resave: false`: GET and EXPIRE for a request that reads, GET and SET for one that writes. */
export const connectRedis: Open = async (url, shape) => {
  const client = new Redis(url)
  const store = new RedisStore({ client })
  const ids = new Ids(() => randomBytes(24).toString('base64url'))
  const cookie = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }
  const session = { cookie, ...SHAPES[shape] } as never
  return {
    login: (n) => store.set(ids.at(n), session),
    read: async (n) => {
      await store.get(ids.at(n))
      await store.touch(ids.at(n), session)
    },
    write: async (n) => {
      await store.get(ids.at(n))
      await store.set(ids.at(n), session)
    },
    close: async () => client.disconnect(),
  }
}

/** Each `n` has an id of its own, the same one each time. */
class Ids {
  readonly #make: () => string
  readonly #made: string[] = []

  constructor(make: () => string) {
    this.#make = make
  }

  at(n: number): string {
    this.#made[n] ??= this.#make()
    return this.#made[n]
  }
}

/** Stores `count` sessions in a Redis of its own and asks it what they take; then reads and writes each of some of them once. */
export async function sessionPrice(open: Open, shape: SessionShape, count: number): Promise<SessionPrice> {
  const redis = await startRedis()
  const admin = new Redis(redis.url)
  const library = await open(redis.url, shape)
  try {
    // Ids, connections, scripts and buffers are there before anything is measured.
    await inParallel(count, WIDTH, (n) => (n < 200 ? library.login(n) : Promise.resolve(n)))
    await admin.flushall()
    const before = await redisUsage(admin)
    await inParallel(count, WIDTH, library.login)
    const growth = ((await redisUsage(admin)).memory - before.memory) / count
    const bytes = await bytesPerKey(admin)
    const some = Math.min(count, 20_000)
    const read = await usageOf(admin, some, library.read)
    const write = await usageOf(admin, some, library.write)
    return { shape, growth, bytes, read: read.cpu / some, write: write.cpu / some, readBytes: read.bytesOut / some }
  } finally {
    await library.close()
    admin.disconnect()
    await redis.stop()
  }
}

async function usageOf(admin: Redis, count: number, work: (n: number) => Promise<unknown>): Promise<RedisUsage> {
  const before = await redisUsage(admin)
  await inParallel(count, WIDTH, work)
  return difference(await redisUsage(admin), before)
}

/** Of the first thousand: all have the same content. */
async function bytesPerKey(admin: Redis): Promise<number> {
  const [, keys] = await admin.scan(0, 'COUNT', 1000)
  const sizes = await Promise.all(keys.map((key) => admin.memory('USAGE', key, 'SAMPLES', 0)))
  return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0) / keys.length
}
