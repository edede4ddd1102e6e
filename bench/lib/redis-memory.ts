import { Redis } from 'ioredis'
import { startRedis } from '../../test/support/redis-server.ts'
import { pinnedNowhere } from './cores.ts'
import { eachRequest } from './each-request.ts'
import { startServer } from './server.ts'

export type SessionShape = 'small' | 'typical' | 'large'

export interface RedisMemory {
  readonly subject: string
  readonly session: SessionShape
  /** MEMORY USAGE of a session's key, averaged over all. */
  readonly bytesPerSession: number
  /** What Redis' used_memory grew by, per session: with the key's place among all keys and among those that expire. */
  readonly growthPerSession: number
  readonly keysPerSession: number
}

/** Logs `count` clients in, then asks Redis what each key takes. A Redis of its own, so that nothing else is in it. */
export async function redisMemory(subject: string, session: SessionShape, count: number): Promise<RedisMemory> {
  const redis = await startRedis()
  const client = new Redis(redis.url)
  const server = await startServer(subject, {
    node: process.execPath,
    cores: pinnedNowhere,
    redisUrl: redis.url,
    env: { BENCH_SESSION: session },
  })
  try {
    // The first ones also make what is made once: connections, scripts.
    await eachRequest(server.url, Array(50).fill({ path: '/login' }))
    await client.flushall()
    const before = await usedMemory(client)
    await eachRequest(server.url, Array(count).fill({ path: '/login' }))
    const growth = (await usedMemory(client)) - before
    const keys = await client.keys('*')
    const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key, 'SAMPLES', 0)))
    const bytes = sizes.reduce((sum: number, size) => sum + (size ?? 0), 0)
    return {
      subject,
      session,
      bytesPerSession: bytes / count,
      growthPerSession: growth / count,
      keysPerSession: keys.length / count,
    }
  } finally {
    await server.stop()
    client.disconnect()
    await redis.stop()
  }
}

async function usedMemory(client: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1])
}
