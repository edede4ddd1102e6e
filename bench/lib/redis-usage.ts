import type { Redis } from 'ioredis'

/** What a server of Redis has used so far. */
export interface RedisUsage {
  /** Microseconds, user and system, all threads. */
  readonly cpu: number
  readonly bytesOut: number
  readonly memory: number
}

export async function redisUsage(redis: Redis): Promise<RedisUsage> {
  const info = await redis.info('cpu', 'stats', 'memory')
  const number = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1])
  return {
    cpu: (number('used_cpu_user') + number('used_cpu_sys')) * 1e6,
    bytesOut: number('total_net_output_bytes'),
    memory: number('used_memory'),
  }
}

export const difference = (after: RedisUsage, before: RedisUsage): RedisUsage => ({
  cpu: after.cpu - before.cpu,
  bytesOut: after.bytesOut - before.bytesOut,
  memory: after.memory - before.memory,
})

/** Does `work` for each of `count`, `width` of them at a time. */
export async function inParallel(count: number, width: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker))
}
