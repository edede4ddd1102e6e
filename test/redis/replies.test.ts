import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { calls, LIBRARIES, outside } from './support/clients.ts'
import { keyOf, textOf } from './support/keys.ts'
import { Scene } from './support/scene.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})
afterEach(() => scene.end())

async function start(args: readonly string[] = []): Promise<{ redis: RedisServer; admin: Redis }> {
  const redis = scene.add(await startRedis(args), (server) => server.stop())
  return { redis, admin: scene.add(outside(redis.url), (client) => client.disconnect()) }
}

describe.each(LIBRARIES)('%s: Redis says no', (library) => {
  test('READONLY, from a replica: reads are answered, their lifetime cannot be renewed, writes were surely not done', async () => {
    const [primary, replica] = await Promise.all([start(['--repl-diskless-sync-delay', '0']), start()])
    await replica.admin.replicaof('127.0.0.1', primary.redis.port)
    const up = async () => (await replica.admin.info('replication')).includes('master_link_status:up')
    const one = await scene.backend(library, primary.redis.url, { sticky: { idleTimeout: '10s' } })
    const two = await scene.backend(library, replica.redis.url, {
      untold: true,
      sticky: { idleTimeout: '10s', consistency: 'strict' },
    })
    const browser = new Browser()
    const { id = '' } = await browser.visit(one.backend, ({ session }) => session.set('cart', 'one'))
    await until(up, 'the replica follows')
    await until(() => replica.admin.exists(keyOf(id)), 'the session has come to the replica')
    const fresh = browser.fork()

    const read = await browser.visit(two.backend, async ({ session }) => [await session.get('cart'), session.stale])
    const write = await browser.visit(two.backend, ({ session }) => session.set('cart', 'two'))
    expect(read).toMatchObject({ value: ['one', false], error: undefined })
    expect(write).toMatchObject({ error: { code: 'ERR_LIMPET_STORE', applied: false }, id })
    expect(write.error?.message).toContain('READONLY')

    // A tenth of idleTimeout later the read would renew the lifetime.
    const stored = await primary.admin.pttl(keyOf(id))
    await until(async () => (await primary.admin.pttl(keyOf(id))) < stored - 2000, 'a tenth of idleTimeout has passed')
    const scripts = await calls(replica.admin, 'evalsha')
    const due = await fresh.visit(two.backend, async ({ session }) => [await session.get('cart'), session.stale])
    expect(due).toMatchObject({ value: ['one', false], error: undefined })
    expect(await calls(replica.admin, 'evalsha')).toBe(scripts + 1)
  })

  test('OOM: the write was surely not done, reads go on, and nobody is kept from Redis', async () => {
    const { redis, admin } = await start(['--maxmemory-policy', 'noeviction'])
    const { backend } = await scene.backend(library, redis.url, { sticky: { consistency: 'strict' } })
    const browser = new Browser()
    const { id = '' } = await browser.visit(backend, ({ session }) => session.set('cart', 'one'))
    await admin.config('SET', 'maxmemory', '1')

    const writes = await Promise.all(
      Array.from({ length: 8 }, () => browser.fork().visit(backend, ({ session }) => session.set('cart', 'two'))),
    )
    const read = await browser.visit(backend, async ({ session }) => [await session.get('cart'), session.stale])
    await admin.config('SET', 'maxmemory', '0')
    const after = await browser.visit(backend, ({ session }) => session.set('cart', 'three'))

    for (const write of writes) {
      expect(write).toMatchObject({ error: { code: 'ERR_LIMPET_STORE', applied: false }, id })
      expect(write.error?.message).toMatch(/OOM.*maxmemory/)
    }
    expect(read.value).toEqual(['one', false])
    expect(after.error).toBeUndefined()
    expect(backend.ofType('store-breaker')).toEqual([])
  })

  test('NOSCRIPT, after SCRIPT FLUSH or a restart: the script is sent again', async () => {
    const { redis, admin } = await start()
    const { backend } = await scene.backend(library, redis.url)
    const browser = new Browser()
    await browser.visit(backend, ({ session }) => session.set('count', 1))
    await admin.script('FLUSH')
    const write = await browser.visit(backend, ({ session }) => session.update('count', (n) => (n as number) + 1))

    expect(write).toMatchObject({ value: 2, error: undefined })
    expect(await textOf(admin, write.id ?? '', 'count')).toBe('2')
    expect(await calls(admin, 'eval')).toBe(2)
    const again = await browser.visit(backend, ({ session }) => session.update('count', (n) => (n as number) + 1))
    expect(again.value).toBe(3)
    expect(await calls(admin, 'eval')).toBe(2)
  })

  test('WRONGTYPE: something else lies under our key, and the message says what to do', async () => {
    const { redis, admin } = await start()
    const { backend } = await scene.backend(library, redis.url)
    const browser = new Browser()
    const { id = '' } = await browser.visit(backend, ({ session }) => session.set('cart', 'one'))
    await admin.del(keyOf(id))
    await admin.rpush(keyOf(id), 'something else')
    await until(
      async () => (await browser.fork().visit(backend, ({ session }) => session.get('cart'))).error,
      'it is noticed',
    )

    const read = await browser.visit(backend, ({ session }) => session.get('cart'))
    const write = await browser.visit(backend, ({ session }) => session.set('cart', 'two'))

    for (const answer of [read, write]) {
      expect(answer).toMatchObject({ error: { code: 'ERR_LIMPET_STORE', applied: false }, id })
      expect(answer.error?.message).toMatch(/WRONGTYPE.*prefix/)
    }
    expect(await admin.lrange(keyOf(id), 0, -1)).toEqual(['something else'])
    expect(backend.ofType('store-breaker')).toEqual([])
  })

  test('NOPERM: the user may not do it, and the message says where to look', async () => {
    const { redis, admin } = await start()
    await admin.call(
      'ACL',
      'SETUSER',
      'poor',
      'on',
      '>secret',
      '~limpet:*',
      '&limpet:*',
      '+@connection',
      '+get',
      '+time',
      '+info',
    )
    const url = redis.url.replace('//', '//poor:secret@')
    const { backend } = await scene.backend(library, url, { untold: true })
    const write = await new Browser().visit(backend, ({ session }) => session.set('cart', 'one'))

    expect(write.error).toMatchObject({ code: 'ERR_LIMPET_STORE', applied: false })
    expect(write.error?.message).toMatch(/NOPERM.*docs\/redis\.md/)
  })
})
