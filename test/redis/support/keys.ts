import type { Redis } from 'ioredis'
import { parseStored, type Stored } from '../../../src/redis/stored.ts'

/** The key under which a session lies, as docs/redis.md says. */
export function keyOf(id: string, prefix = 'limpet:'): string {
  return `${prefix}{${id.slice(0, 2)}}${id.slice(2)}`
}

/** What is stored of a session; undefined: nothing, or its tombstone. */
export async function stored(client: Redis, id: string): Promise<Stored | undefined> {
  const value = await client.get(keyOf(id))
  return value === null ? undefined : parseStored(value)
}

/** The text of one key of a session. */
export async function textOf(client: Redis, id: string, key: string): Promise<string | undefined> {
  return (await stored(client, id))?.entries.get(key)
}

/** Is a tombstone stored there? */
export async function isTombstone(client: Redis, id: string): Promise<boolean> {
  return /^[->]\d/.test((await client.get(keyOf(id))) ?? '')
}
