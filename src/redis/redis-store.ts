import { randomBytes } from 'node:crypto'
import { checkKeys } from '../config/unknown-keys.ts'
import { LimpetError } from '../core/errors.ts'
import { Patience } from '../deadline/patience.ts'
import { type Change, type DestroyHow, type EndHow, MOVE_WINDOW, type MoveHow, type Store } from '../ports/store.ts'
import { redisBackends } from './backends.ts'
import type { RedisClient } from './client/clients.ts'
import type { RedisDriver } from './client/connection.ts'
import { ioredisDriver, isIoredis } from './client/ioredis.ts'
import { isNodeRedis, nodeRedisDriver } from './client/node-redis.ts'
import { storeError } from './errors.ts'
import { type Arguments, Fence } from './fence.ts'
import { Invalidations } from './invalidation.ts'
import { redisLabels } from './labels.ts'
import { Link } from './link.ts'
import { Reader } from './reader.ts'
import * as reply from './replies.ts'
import { DESTROY } from './scripts/destroy.ts'
import { MOVE } from './scripts/move.ts'
import { TOUCH } from './scripts/touch.ts'
import { WRITE } from './scripts/write.ts'
import { run, script } from './scripts.ts'
import { RedisServers } from './servers.ts'
import { labelTag, writeTags } from './tags.ts'

export type { RedisClient }

export interface RedisStoreOptions {
  /** Before every key. Default `'limpet:'`. Two applications in one Redis need two. */
  readonly prefix?: string
  /**
   * A write counts as saved when this many replicas have it too (WAIT). Default 0. It makes writes slower, and while
   * one waits, all other calls of this store wait behind it. Not on Redis Cluster.
   */
  readonly replicas?: number
}

/**
 * Sessions in Redis (6.2 or newer) or Valkey: one string for each, one command for each operation, and no key before
 * the first write. The client is a template for the connections that the store opens itself, and stays as it is.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): Store {
  const driver = driverOf(client)
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
  if (replicas > 0 && driver.isCluster) {
    throw new LimpetError(
      'ERR_LIMPET_OPTIONS',
      'replicas does not work on Redis Cluster: WAIT speaks of one node only; leave it out',
    )
  }
  return storeOn(driver, prefix, replicas)
}

const SCRIPTS = {
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

/** The same with what has been checked. */
export function storeOn(driver: RedisDriver, prefix = 'limpet:', replicas = 0): Store {
  const link = new Link(driver)
  const channel = `${driver.keyPrefix}${prefix}changed`
  const writer = randomBytes(9).toString('base64url')
  const servers = new RedisServers(link, driver.isCluster, `${prefix}{00}`)
  const fence = new Fence(link, servers, { replicas, channel, writer })
  // One server tells by itself of keys that change. In a cluster the scripts do.
  const tells = driver.isCluster ? 1 : 0

  // In a cluster the first two characters of an id choose its slot, so that a session can move to a new id in one step.
  const keyOf = (id: string) => `${prefix}{${id.slice(0, 2)}}${id.slice(2)}`
  const idOf = (key: string) => {
    const start = driver.keyPrefix.length + prefix.length
    return key[start] === '{' && key[start + 3] === '}' && !key.endsWith('~')
      ? key.slice(start + 1, start + 3) + key.slice(start + 4)
      : undefined
  }

  const invalidations = new Invalidations(link, driver, { channel, writer, idOf, prepare: () => servers.measure() })
  const untracked = (key: string) => {
    const id = idOf(driver.keyPrefix + key)
    if (id !== undefined) invalidations.untracked(id)
  }
  const reader = new Reader({ link, driver, fence, servers, tells, untracked })
  let underWay = 0
  /** Nobody wants the connections any more than for what is under way. */
  let isOver = false
  const endIfFree = () => {
    if (isOver && underWay === 0 && invalidations.watchers === 0) {
      link.close()
      reader.close()
    }
  }

  /** Does `work` when there is a connection; whatever fails becomes a StoreError. */
  const guarded = async <T>(
    operation: string,
    within: number,
    work: (patience: Patience) => Promise<T>,
  ): Promise<T> => {
    const patience = new Patience(within)
    underWay++
    try {
      await link.ready(patience)
      return await work(patience)
    } catch (error) {
      throw storeError(error, operation)
    } finally {
      patience.end()
      underWay--
      endIfFree()
    }
  }

  /** Where a moved session is kept as it was, for a moment. */
  const snapshotOf = (id: string) => `${keyOf(id)}~`

  return {
    read: (id, how) => guarded('read', how.within ?? READ_WITHIN, (patience) => reader.read(keyOf(id), how, patience)),

    write: (id, change) =>
      guarded('write', change.within, async (patience) => {
        const args = writeArguments(tells, change)
        return reply.write(
          await fence.run('write', SCRIPTS.write, [keyOf(id)], args, patience),
          change.expect?.keys() ?? [],
        )
      }),

    destroy: (id, how) => {
      const args = destroyArguments(how, how.except === undefined ? '' : driver.keyPrefix + keyOf(how.except))
      return guarded('destroy', how.within, async (patience) => {
        const keys = [keyOf(id), snapshotOf(id)] as const
        return reply.destroy(await fence.run('destroy', SCRIPTS.destroy, keys, args, patience), idOf)
      })
    },

    move: (from, to, how) => {
      const args = moveArguments(how)
      return guarded('move', how.within, async (patience) => {
        const keys = [keyOf(from), keyOf(to), snapshotOf(from)] as const
        return reply.move(await fence.run('move', SCRIPTS.move, keys, args, patience))
      })
    },

    touch: (id, ttl) =>
      guarded('touch', READ_WITHIN, async () => reply.touch(await run(link, SCRIPTS.touch, [keyOf(id)], [ttl]))),

    labels: redisLabels({ link, fence, prefix, guarded }),

    watch(watcher) {
      isOver = false
      const stop = invalidations.add(watcher)
      if (invalidations.watchers > 1) watcher.warn('client-settings', SHARED)
      return () => {
        stop()
        if (invalidations.watchers === 0) isOver = true
        endIfFree()
      }
    },

    now: () => servers.now(),

    backends: redisBackends(driver, prefix, keyOf),

    async close() {
      isOver = true
      endIfFree()
    },
  }
}

type List = (string | number)[]

function writeArguments(tells: 0 | 1, change: Change): Arguments {
  const { seen, ttl, maxBytes, known } = change
  const [tags, edit] = [writeTags(change), editArguments(change)]
  return ({ runId }) => [tells, seen, ttl, maxBytes, tags, runId, known ? 1 : 0, ...edit]
}

function editArguments({ claim, expect, set, delete: gone, clear, ifStored }: Change): List {
  const list: List = claim ? [claim.ms, JSON.stringify(claim.by), JSON.stringify(claim.key)] : ['', '', '']
  list.push(expect?.size ?? 0, set.size, clear ? 'clear' : '', ifStored ? 'stored' : '')
  for (const [key, text = ''] of expect ?? []) list.push(JSON.stringify(key), text)
  for (const [key, text] of set) list.push(JSON.stringify(key), text)
  for (const key of gone) list.push(JSON.stringify(key))
  return list
}

/**
 * `began`: the moment, not the age, because what passes until the script runs is not to count as time before the
 * request began.
 */
function endArguments({ seen, tombstoneTtl, markTtl }: EndHow, began: number): List {
  return [seen, tombstoneTtl, markTtl, began, MOVE_WINDOW]
}

/** A logout in doubt about who was first ends more. */
function destroyArguments(how: DestroyHow, except: string): Arguments {
  const began = performance.now() - how.age
  const more = [how.onlyLabel === undefined ? '' : labelTag(how.onlyLabel), except]
  return ({ clock }) => [...endArguments(how, clock.earliest(began)), ...more]
}

/** A login in doubt about who was first takes nothing along. */
function moveArguments(how: MoveHow): Arguments {
  const began = performance.now() - how.age
  const { begins } = how
  const list: List = [how.ttl, how.maxBytes, writeTags(how), begins?.ttl ?? '', begins ? writeTags(begins) : '']
  const values = [...how.set].flatMap(([key, text]) => [JSON.stringify(key), text])
  return ({ clock, runId }) => [...endArguments(how, clock.latest(began)), ...list, runId, ...values]
}

function driverOf(client: RedisClient): RedisDriver {
  if (typeof client === 'object' && client !== null) {
    if (isIoredis(client)) return ioredisDriver(client)
    if (isNodeRedis(client)) return nodeRedisDriver(client)
  }
  throw new LimpetError(
    'ERR_LIMPET_CLIENT',
    'redisStore takes a client: redisStore(new Redis(url)) with ioredis, or redisStore(await createClient({ url }).connect()) with redis',
  )
}
