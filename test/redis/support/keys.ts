import type { Redis } from 'ioredis'
import { parseStored } from '../../../src/redis/stored.ts'

/** The key under which a session lies, as docs/redis.md says. */
export function keyOf(id: string, prefix = 'limpet:'): string {
  return `${prefix}{${id.slice(0, 2)}}${id.slice(2)}`
}

/** The JSON text that Redis holds for one key of a session; undefined: none. */
export async function textOf(redis: Redis, id: string, key: string): Promise<string | undefined> {
  const value = await redis.get(keyOf(id))
  return value === null ? undefined : parseStored(value)?.entries.get(key)
}

/** Does Redis hold a tombstone under this id? */
export async function hasEnded(redis: Redis, id: string): Promise<boolean> {
  const value = await redis.get(keyOf(id))
  return value !== null && parseStored(value) === undefined
}
