import { Redis } from 'ioredis'
import { startRedis } from '../../test/support/redis-server.ts'
import { type Backend, openBackends } from './backends.ts'
import { difference, inParallel, type RedisUsage, redisUsage } from './redis-usage.ts'

/** What one operation of one backend causes in Redis and at the others. */
export interface Price {
  /** Microseconds of Redis' CPU, without what the backends cause by being there. */
  readonly cpu: number
  readonly bytesOut: number
  /** Messages to all other backends together. */
  readonly messages: number
}

export interface Crowd {
  readonly backends: number
  /** By how many backends held a copy of what was written; none is more than there are. */
  readonly writes: ReadonlyMap<number, Price>
  /** Told to everybody. */
  readonly logout: Price
  /** What one backend costs a second by being there. */
  readonly idle: { readonly cpu: number; readonly bytesOut: number }
  /** Bytes in Redis for its connections. */
  readonly memory: number
}

export interface WriteSettings {
  readonly sessions: number
  readonly holders: readonly number[]
  readonly idleSeconds: number
}

const TTL = 3_600_000
const WIDTH = 50

const idOf = (n: number) => `${n.toString(36).padStart(4, '0')}${'x'.repeat(20)}`

/** A Redis of its own, and so many backends beside the one that writes. */
export async function crowd(backends: number, settings: WriteSettings): Promise<Crowd> {
  const redis = await startRedis()
  const admin = new Redis(redis.url)
  const opened: Backend[] = []
  try {
    // The first one also loads the scripts, and grows what is made once.
    const [writer] = opened.concat(await openBackends(redis.url, 1))
    if (!writer) throw new Error('no backend')
    opened.push(writer)
    await writeAll(writer, settings.sessions)
    const before = await redisUsage(admin)
    opened.push(...(await openBackends(redis.url, backends - 1)))
    const memory = (await redisUsage(admin)).memory - before.memory

    const idle = await idling(admin, settings.idleSeconds)
    const scene = { admin, writer, others: opened.slice(1), sessions: settings.sessions, idle }
    const writes = new Map<number, Price>()
    for (const holders of settings.holders.filter((count) => count < backends)) {
      writes.set(holders, await priceOfWrites(scene, holders))
    }
    return {
      backends,
      writes,
      logout: await priceOfLogouts(scene),
      idle: { cpu: idle.cpu / backends, bytesOut: idle.bytesOut / backends },
      memory: backends > 1 ? memory / (backends - 1) : Number.NaN,
    }
  } finally {
    await Promise.all(opened.map((one) => one.close()))
    admin.disconnect()
    await redis.stop()
  }
}

/** All backends together, in one second in which nothing is asked. */
async function idling(admin: Redis, seconds: number): Promise<RedisUsage> {
  const [before, begun] = [await redisUsage(admin), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const used = difference(await redisUsage(admin), before)
  const took = (performance.now() - begun) / 1000
  return { cpu: used.cpu / took, bytesOut: used.bytesOut / took, memory: 0 }
}

interface Scene {
  readonly admin: Redis
  readonly writer: Backend
  readonly others: readonly Backend[]
  readonly sessions: number
  readonly idle: RedisUsage
}

async function priceOfWrites(scene: Scene, holders: number): Promise<Price> {
  const { writer, others, sessions } = scene
  // Each holder has a copy of each session: it is to be told once.
  for (const holder of others.slice(0, holders)) {
    await inParallel(sessions, WIDTH, (n) => holder.store.read(idOf(n), { seen: 0, touch: undefined, ttl: TTL }))
  }
  return priced(scene, holders * sessions, () => writeAll(writer, sessions))
}

async function priceOfLogouts(scene: Scene): Promise<Price> {
  const { writer, others, sessions } = scene
  const how = { seen: 0, ttl: TTL, within: 10_000, tombstoneTtl: TTL, markTtl: TTL, age: 0 }
  return priced(scene, others.length * sessions, () =>
    inParallel(sessions, WIDTH, (n) => writer.store.destroy(idOf(n), how)),
  )
}

/** `work` does one operation on each session. It is over when all that it makes Redis say has been heard. */
async function priced(scene: Scene, expected: number, work: () => Promise<void>): Promise<Price> {
  const { admin, others, sessions, idle } = scene
  const told = () => others.reduce((sum, one) => sum + one.told(), 0)
  const [toldBefore, before, begun] = [told(), await redisUsage(admin), performance.now()]
  await work()
  const used = difference(await redisUsage(admin), before)
  const seconds = (performance.now() - begun) / 1000
  const until = performance.now() + 10_000
  while (told() - toldBefore < expected && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 5))
  return {
    cpu: (used.cpu - idle.cpu * seconds) / sessions,
    bytesOut: (used.bytesOut - idle.bytesOut * seconds) / sessions,
    messages: (told() - toldBefore) / sessions,
  }
}

function writeAll({ store }: Backend, sessions: number): Promise<void> {
  const set = new Map([['seen', '17']])
  const change = { set, delete: [], expect: undefined, maxBytes: 100_000, seen: 0, ttl: TTL, within: 10_000 }
  return inParallel(sessions, WIDTH, (n) => store.write(idOf(n), change))
}
