import { randomBytes } from 'node:crypto'
import { checkKeys } from '../config/unknown-keys.ts'
import { LimpetError } from '../core/errors.ts'
import { type Change, type EndHow, MOVE_WINDOW, type MoveHow, type ReadHow, type Store } from '../ports/store.ts'
import type { RedisClient } from './clients.ts'
import type { RedisConnection } from './connection.ts'
import { storeError } from './errors.ts'
import { Fence } from './fence.ts'
import { watchInvalidations } from './invalidation.ts'
import { ioredisConnection, isIoredis } from './ioredis.ts'
import { Link } from './link.ts'
import { isNodeRedis, nodeRedisConnection } from './node-redis.ts'
import * as reply from './replies.ts'
import { DESTROY } from './scripts/destroy.ts'
import { MOVE } from './scripts/move.ts'
import { READ } from './scripts/read.ts'
import { TOUCH } from './scripts/touch.ts'
import { WRITE } from './scripts/write.ts'
import { run, script } from './scripts.ts'

export type { RedisClient }

export interface RedisStoreOptions {
  /** Before every key. Default `'limpet:'`. Two applications in one Redis need two. */
  readonly prefix?: string
  /**
   * A write counts as saved when this many replicas have it too (WAIT). Default 0. It makes writes slower, and while one waits, all
   * commands of this client wait behind it. Not on Redis Cluster.
   */
  readonly replicas?: number
}

/**
 * Sessions in Redis (6.2 or newer) or Valkey: one string for each, one command for each operation, and no key before the first write.
 * The client stays yours: close it after `await handle.close()`.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): Store {
  const connection = connect(client)
  checkKeys(options, ['prefix', 'replicas'], {
    what: 'option of redisStore',
    name: 'the options of redisStore()',
    example: "redisStore(client, { prefix: 'shop:' })",
  })
  const { prefix = 'limpet:', replicas = 0 } = options
  if (typeof prefix !== 'string' || /[{}]/.test(prefix)) {
    throw new LimpetError('ERR_LIMPET_OPTIONS', "redisStore's prefix must be a string without braces, like 'shop:'")
  }
  if (!Number.isSafeInteger(replicas) || replicas < 0) {
    throw new LimpetError('ERR_LIMPET_OPTIONS', "redisStore's replicas must be a whole number, like 1")
  }
  if (replicas > 0 && connection.isCluster) {
    throw new LimpetError(
      'ERR_LIMPET_OPTIONS',
      'replicas does not work on Redis Cluster: WAIT speaks of one node only; leave it out',
    )
  }
  return createStore(connection, prefix, replicas)
}

const SCRIPTS = {
  read: script(READ),
  write: script(WRITE),
  destroy: script(DESTROY),
  move: script(MOVE),
  touch: script(TOUCH),
}

const SHARED =
  'two sticky() share one store, so each takes the changes of the other, and its own, for those of another backend: make a ' +
  'redisStore(client) for each; they may share the client'

/** Milliseconds that a read waits for the connection when the caller does not say how long it waits for the answer. */
const READ_WITHIN = 1000

function createStore(connection: RedisConnection, prefix: string, replicas: number): Store {
  const link = new Link(connection)
  const channel = `${connection.keyPrefix}${prefix}changed`
  const writer = randomBytes(9).toString('base64url')
  const fence = new Fence(link, { isCluster: connection.isCluster, replicas, channel, writer })
  // One server tells by itself of keys that change. In a cluster the scripts do.
  const tells = connection.isCluster ? 1 : 0
  let watchers = 0

  // In a cluster the first two characters of an id choose its slot, so that a session can move to a new id in one step.
  const keyOf = (id: string) => `${prefix}{${id.slice(0, 2)}}${id.slice(2)}`
  const idOf = (key: string) => {
    const start = connection.keyPrefix.length + prefix.length
    return key[start] === '{' && key[start + 3] === '}' && !key.endsWith('~')
      ? key.slice(start + 1, start + 3) + key.slice(start + 4)
      : undefined
  }

  /** Does `work` when there is a connection; whatever fails becomes a StoreError. */
  const guarded = async <T>(operation: string, within: number, work: (until: number) => Promise<T>): Promise<T> => {
    const until = performance.now() + within
    try {
      await link.ready(until)
      return await work(until)
    } catch (error) {
      throw storeError(error, operation)
    }
  }

  /** Where a moved session is kept as it was, for a moment. */
  const snapshotOf = (id: string) => `${keyOf(id)}~`

  const readOnce = async (key: string, { seen, touch, ttl }: ReadHow, until: number) => {
    if (touch === undefined) {
      const plain = reply.plainRead(await link.send(key, ['GET', key]), seen)
      if (plain) return plain
    }
    return reply.read(await fence.run('read', SCRIPTS.read, [key], [tells, seen, touch ?? 0, ttl], until))
  }

  return {
    read: (id, how) =>
      guarded('read', how.within ?? READ_WITHIN, async (until) => {
        for (;;) {
          const { losses } = link
          try {
            return await readOnce(keyOf(id), how, until)
          } catch (error) {
            // The connection broke. Reading again does no harm, and the next one may be there in time.
            if (link.losses === losses || performance.now() >= until) throw error
            await link.ready(until)
          }
        }
      }),

    write: (id, change) =>
      guarded('write', change.within, async (until) => {
        const args = [tells, ...writeArguments(change)]
        return reply.write(
          await fence.run('write', SCRIPTS.write, [keyOf(id)], args, until),
          change.expect?.keys() ?? [],
        )
      }),

    destroy: (id, how) =>
      guarded('destroy', how.within, async (until) => {
        const keys = [keyOf(id), snapshotOf(id)] as const
        return reply.destroy(await fence.run('destroy', SCRIPTS.destroy, keys, endArguments(how), until))
      }),

    move: (from, to, how) =>
      guarded('move', how.within, async (until) => {
        const keys = [keyOf(from), keyOf(to), snapshotOf(from)] as const
        return reply.move(await fence.run('move', SCRIPTS.move, keys, moveArguments(how), until))
      }),

    touch: (id, ttl) =>
      guarded('touch', READ_WITHIN, async () => reply.touch(await run(link, SCRIPTS.touch, [keyOf(id)], [ttl]))),

    watch(watcher) {
      if (connection.complaint) watcher.warn('client-settings', connection.complaint)
      if (++watchers > 1) watcher.warn('client-settings', SHARED)
      const isOwnKnown = () => watchers === 1
      const telling = { channel, prefix: connection.keyPrefix + prefix, writer, isOwnKnown, idOf }
      const stop = watchInvalidations(connection, telling, watcher)
      return () => {
        watchers--
        stop()
      }
    },

    async close() {
      link.close()
    },
  }
}

type Arguments = (string | number)[]

function writeArguments({ seen, ttl, maxBytes, lifetime, claim, expect, set, delete: gone }: Change): Arguments {
  const claiming = claim ? [claim.ms, JSON.stringify(claim.by), JSON.stringify(claim.key)] : ['', '', '']
  const list: Arguments = [seen, ttl, maxBytes, lifetime ?? '', ...claiming, expect?.size ?? 0, set.size]
  for (const [key, text = ''] of expect ?? []) list.push(JSON.stringify(key), text)
  for (const [key, text] of set) list.push(JSON.stringify(key), text)
  for (const key of gone) list.push(JSON.stringify(key))
  return list
}

function endArguments({ seen, tombstoneTtl, markTtl, age }: EndHow): Arguments {
  return [seen, tombstoneTtl, markTtl, age, MOVE_WINDOW]
}

function moveArguments(how: MoveHow): Arguments {
  const list: Arguments = [...endArguments(how), how.ttl, how.maxBytes, how.lifetime ?? '']
  for (const [key, text] of how.set) list.push(JSON.stringify(key), text)
  return list
}

function connect(client: RedisClient): RedisConnection {
  if (typeof client === 'object' && client !== null) {
    if (isIoredis(client)) return ioredisConnection(client)
    if (isNodeRedis(client)) return nodeRedisConnection(client)
  }
  throw new LimpetError(
    'ERR_LIMPET_CLIENT',
    'redisStore takes a client: redisStore(new Redis(url)) with ioredis, or redisStore(await createClient({ url }).connect()) with redis',
  )
}
