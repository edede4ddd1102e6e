import { randomBytes } from 'node:crypto'
import { checkKeys } from '../config/unknown-keys.ts'
import { LimpetError } from '../core/errors.ts'
import type { Change, ReadHow, Store } from '../ports/store.ts'
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
 * Sessions in Redis (6.2 or newer) or Valkey: one hash for each, one command for each operation, and no key before the first write.
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
  let watchers = 0

  // In a cluster the first two characters of an id choose its slot, so that a session can move to a new id in one step.
  const keyOf = (id: string) => `${prefix}{${id.slice(0, 2)}}${id.slice(2)}`
  const idOf = (key: string) => {
    const start = connection.keyPrefix.length + prefix.length
    return key[start] === '{' && key[start + 3] === '}'
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

  const readOnce = async (key: string, { seen, renew, ttl }: ReadHow, until: number) => {
    if (renew === undefined) {
      const plain = reply.plainRead(await link.send(key, ['HGETALL', key]), seen)
      if (plain) return plain
    }
    return reply.read(await fence.run('read', SCRIPTS.read, [key], [seen, renew ?? 0, ttl], until))
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
      guarded('write', change.within, async (until) =>
        reply.write(await fence.run('write', SCRIPTS.write, [keyOf(id)], writeArguments(change), until)),
      ),

    destroy: (id, { seen, ttl, within }) =>
      guarded('destroy', within, async (until) =>
        reply.destroy(await fence.run('destroy', SCRIPTS.destroy, [keyOf(id)], [seen, ttl], until)),
      ),

    move: (from, to, { seen, ttl, tombstoneTtl, within }) =>
      guarded('move', within, async (until) =>
        reply.move(await fence.run('move', SCRIPTS.move, [keyOf(from), keyOf(to)], [seen, ttl, tombstoneTtl], until)),
      ),

    touch: (id, ttl) =>
      guarded('touch', READ_WITHIN, async () =>
        reply.touch(await run(link, SCRIPTS.touch, [keyOf(id)], [ttl, channel, writer])),
      ),

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

function writeArguments({ seen, ttl, maxBytes, expect, set, delete: gone }: Change): (string | number)[] {
  const expectation = expect === undefined ? 'none' : expect.text === undefined ? 'absent' : 'text'
  const list = [seen, ttl, maxBytes, expectation, `:${expect?.key ?? ''}`, expect?.text ?? '', set.size]
  for (const [key, text] of set) list.push(`:${key}`, text)
  for (const key of gone.length > 1 ? new Set(gone) : gone) list.push(`:${key}`)
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
