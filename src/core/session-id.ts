import { randomFillSync } from 'node:crypto'

/** Fills the buffer with random bytes; a parameter, so that tests can be deterministic. */
export type RandomFill = (buffer: Buffer) => void

const ID = /^[\w-]{24}$/

export function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

export interface IdSource {
  /** A new session id: 18 random bytes (144 bits) as 24 characters of base64url. */
  next(): string
  /**
   * A new id that follows an old one: it keeps the two characters that place it in a Redis Cluster; 132 bits are new.
   */
  successor(id: string): string
}

const ID_BYTES = 18
const POOL_IDS = 256

/** Random bytes are drawn for 256 ids at a time: a system call for each costs more than all else a new client costs. */
export function createIdSource(fill: RandomFill = randomFillSync): IdSource {
  const pool = Buffer.alloc(ID_BYTES * POOL_IDS)
  let used = pool.length
  const next = () => {
    if (used === pool.length) {
      fill(pool)
      used = 0
    }
    const id = pool.toString('base64url', used, used + ID_BYTES)
    // What has become an id must not stay readable in memory longer than needed.
    pool.fill(0, used, used + ID_BYTES)
    used += ID_BYTES
    return id
  }
  return { next, successor: (id) => id.slice(0, 2) + next().slice(2) }
}
