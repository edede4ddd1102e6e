import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisClient, redisStore } from '../../src/redis.ts'
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { Backend, Browser } from './support/backend.ts'
import { LIBRARIES, type Library } from './support/clients.ts'
import { keyOf } from './support/keys.ts'
import { Scene } from './support/scene.ts'

const scene = new Scene()
let redis: RedisServer
let cluster: RedisCluster
let admin: Redis

beforeAll(async () => {
  redis = scene.add(await startRedis(), (one) => one.stop())
  cluster = scene.add(await startCluster(), (one) => one.stop())
  admin = scene.add(new Redis(redis.url), (one) => one.disconnect())
})
afterAll(() => scene.end())

async function single(library: Library): Promise<RedisClient> {
  if (library === 'ioredis') return scene.add(new Redis(redis.url), (one) => one.disconnect())
  return createClient({ url: redis.url })
}

async function clustered(library: Library): Promise<RedisClient> {
  if (library === 'ioredis') {
    const io = scene.add(new Cluster([...cluster.addresses], { enableOfflineQueue: false }), (one) => one.disconnect())
    io.on('error', () => undefined)
    await until(() => io.status === 'ready', 'ioredis is connected')
    return io
  }
  const rootNodes = cluster.addresses.map(({ host, port }) => ({ socket: { host, port } }))
  const node = scene.add(createCluster({ rootNodes, defaults: { disableOfflineQueue: true } }), (one) => one.destroy())
  node.on('error', () => undefined)
  await node.connect()
  return node
}

const PLACES = LIBRARIES.flatMap((library) => [
  [`one server with ${library}`, () => single(library)] as const,
  [`a cluster with ${library}`, () => clustered(library)] as const,
])

describe.each(PLACES)('labels and sessions outside their request: %s', (place, client) => {
  const label = `user:${place}`

  async function start(): Promise<Backend> {
    const backend = scene.add(await Backend.start(redisStore(await client())), (one) => one.close())
    await until(() => backend.invalidation === 'up', 'changes are told')
    return backend
  }

  test('log in on many devices, list them, revoke one, log out everywhere else, and everywhere (law 6)', async () => {
    const [one, two] = await Promise.all([start(), start()])
    const login = async (n: number) => {
      const browser = new Browser()
      const { error } = await browser.visit(n % 2 ? one : two, async (sticky) => {
        await sticky.session.set('cart', n)
        await sticky.regenerate({ user: 'ada' } as never)
        await sticky.label(label)
        await sticky.lifetime('30d')
      })
      expect(error).toBeUndefined()
      const { value } = await browser.visit(two, ({ id }) => id)
      return { browser, id: String(value) }
    }
    const devices = await Promise.all(Array.from({ length: 12 }, (_, n) => login(n)))
    const [mine, lost] = devices
    if (!mine || !lost) throw new Error('unreachable')
    const ids = async () => (await one.sticky.labelled(label)).map(({ id }) => id).sort()
    expect(await ids()).toEqual(devices.map(({ id }) => id).sort())

    expect(await two.sticky.session(lost.id).get('cart')).toBe(1)
    await two.sticky.session(lost.id).destroy()
    expect(await ids()).not.toContain(lost.id)

    const user = async ({ browser }: typeof mine) =>
      (await browser.visit(one, ({ session }) => session.get('user'))).value
    expect(await two.sticky.destroyAll(label, { except: mine.id })).toBe(10)
    expect(await ids()).toEqual([mine.id])
    expect(await user(mine)).toBe('ada')

    const moved = await mine.browser.visit(two, (sticky) => sticky.regenerate())
    expect(moved.error).toBeUndefined()
    expect(await one.sticky.destroyAll(label)).toBe(1)
    for (const device of devices) await until(async () => (await user(device)) === undefined, 'logged out')
    expect(await ids()).toEqual([])
    for (const backend of [one, two]) expect(backend.ofType('store-failed')).toEqual([])
  })

  test('what a job reads, writes and takes', async () => {
    const [one, two] = await Promise.all([start(), start()])
    const browser = new Browser()
    const { value: id } = await browser.visit(one, async (sticky) => {
      await sticky.session.set({ cart: 1, flash: 'saved' })
      return sticky.id
    })
    const job = () => two.sticky.session(String(id))
    const taken = await Promise.all(Array.from({ length: 8 }, () => job().take('flash')))
    expect(taken.filter((text) => text !== undefined)).toEqual(['saved'])
    await Promise.all(Array.from({ length: 5 }, () => job().update('cart', (n) => Number(n) + 1)))
    // No cookie tells of what a job has done: a backend that has a copy hears it from Redis.
    const cart = async () => (await browser.visit(one, ({ session }) => session.get('cart'))).value
    await until(async () => (await cart()) === 6, 'the other backend has heard of all five')
    await job().clear()
    await until(async () => (await cart()) === undefined, 'the other backend has heard that all is gone')
    expect((await browser.visit(one, ({ session }) => session.all())).value).toEqual({})
    const unknown = two.sticky.session('a'.repeat(24))
    await expect(unknown.set('x', 1)).rejects.toMatchObject({ code: 'ERR_LIMPET_NOT_FOUND' })
    await expect(unknown.get('x')).rejects.toMatchObject({ code: 'ERR_LIMPET_NOT_FOUND' })
  })
})

test('a logout is remembered for as long as the longest lifetime that the session had', async () => {
  const store = redisStore(await single('ioredis'))
  const backend = scene.add(await Backend.start(store), (one) => one.close())
  const browser = new Browser()
  const { value: id } = await browser.visit(backend, async (sticky) => {
    await sticky.lifetime('30d')
    await sticky.lifetime('1h')
    return sticky.id
  })
  await browser.visit(backend, ({ session }) => session.destroy())
  const DAY = 86_400_000
  expect(await admin.pttl(keyOf(String(id)))).toBeGreaterThan(30 * DAY)
})

test('a user that may do no more than docs/sessions.md lists', async () => {
  const rules = [
    ...['on', '>secret', 'resetkeys', '~limpet:*', 'resetchannels', '&limpet:*', '&__redis__:invalidate', '-@all'],
    ...['+get', '+set', '+del', '+exists', '+getrange', '+pexpire', '+evalsha', '+eval', '+time', '+publish'],
    ...['+subscribe', '+ping', '+client|id', '+client|tracking', '+info'],
    ...['+zadd', '+zrange', '+zrem', '+zscore', '+zrangebyscore', '+zremrangebyscore', '+pexpireat'],
  ]
  await admin.call('ACL', 'SETUSER', 'limpet', ...rules)
  const client = scene.add(new Redis(redis.url, { username: 'limpet', password: 'secret', lazyConnect: true }), (one) =>
    one.disconnect(),
  )
  const backend = scene.add(await Backend.start(redisStore(client)), (one) => one.close())
  const browser = new Browser()
  const { error } = await browser.visit(backend, ({ label }) => label('user:acl'))
  expect(error).toBeUndefined()
  expect(await backend.sticky.labelled('user:acl')).toHaveLength(1)
  expect(await backend.sticky.destroyAll('user:acl')).toBe(1)
  expect(await admin.call('ACL', 'LOG')).toEqual([])
})
