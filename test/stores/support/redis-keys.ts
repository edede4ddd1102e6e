import { Redis } from 'ioredis'

/** Removes all keys whose names contain the prefix: what an empty restart does, in a Redis that other tests share. */
export async function loseAll(url: string, prefix: string): Promise<void> {
  await withKeys(url, prefix, async (client, keys) => {
    if (keys.length > 0) await client.unlink(...keys)
  })
}

export interface Lying {
  readonly key: string
  readonly type: string
  /** Milliseconds until Redis forgets it; -1: never. */
  readonly ttl: number
  /** What is stored there; undefined: it is gone. */
  readonly value: string | undefined
}

/** What lies in Redis under the prefix. */
export function lying(url: string, prefix: string): Promise<Lying[]> {
  return withKeys(url, prefix, (client, keys) =>
    Promise.all(
      keys.map(async (key) => {
        const [ttl, type] = await Promise.all([client.pttl(key), client.type(key)])
        const value = type === 'string' ? await client.get(key) : null
        return { key, type, ttl, value: value ?? undefined }
      }),
    ),
  )
}

async function withKeys<T>(url: string, prefix: string, work: (client: Redis, keys: string[]) => Promise<T>) {
  const client = new Redis(url)
  try {
    return await work(client, await client.keys(`*${prefix}*`))
  } finally {
    client.disconnect()
  }
}
