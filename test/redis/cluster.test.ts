import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisClient, redisStore } from '../../src/redis.ts'
import { type ClusterNode, type RedisCluster, startCluster } from '../support/redis-cluster.ts'
import { until } from '../support/until.ts'
import { Backend, Browser } from './support/backend.ts'
import { change } from './support/calls.ts'
import { LIBRARIES, type Library } from './support/clients.ts'
import { keyOf } from './support/keys.ts'
import { Load } from './support/load.ts'
import { Scene } from './support/scene.ts'

/** Milliseconds. Well before a copy would be asked for again anyway. */
const SOON = 6000

/** What docs/redis.md tells people to allow. */
const CLUSTER_COMMANDS = [
  ...['+get', '+evalsha', '+eval', '+time', '+set', '+exists', '+getrange', '+del', '+pexpire', '+publish'],
  ...['+subscribe', '+ping', '+info', '+cluster|slots', '+cluster|info', '+client|setname', '+readonly', '+readwrite'],
]

const scene = new Scene()
let cluster: RedisCluster

beforeAll(async () => {
  cluster = scene.add(await startCluster(), (one) => one.stop())
})
afterAll(() => scene.end())

interface Settings {
  readonly username?: string
  readonly password?: string
  /** Milliseconds after which a node that does not answer is given up. */
  readonly socketTimeout?: number
}

async function client(library: Library, { socketTimeout, ...user }: Settings = {}): Promise<RedisClient> {
  if (library === 'ioredis') {
    const redisOptions = { ...user, ...(socketTimeout === undefined ? {} : { socketTimeout }) }
    const io = scene.add(new Cluster([...cluster.addresses], { enableOfflineQueue: false, redisOptions }), (one) =>
      one.disconnect(),
    )
    io.on('error', () => undefined)
    await until(() => io.status === 'ready', 'ioredis is connected')
    return io
  }
  const rootNodes = cluster.addresses.map(({ host, port }) => ({ socket: { host, port } }))
  // Of itself, node-redis does not connect again after a socketTimeout.
  const socket = { socketTimeout: socketTimeout ?? 0, reconnectStrategy: () => 100 }
  const impatient = socketTimeout === undefined ? {} : { pingInterval: socketTimeout / 2, socket }
  const defaults = { disableOfflineQueue: true, ...user, ...impatient }
  const node = scene.add(createCluster({ rootNodes, defaults }), (one) => one.destroy())
  node.on('error', () => undefined)
  await node.connect()
  return node
}

async function start(library: Library, storeTimeout: '1s' | '500ms' = '1s', settings: Settings = {}): Promise<Backend> {
  const store = redisStore(await client(library, settings))
  const backend = scene.add(await Backend.start(store, { storeTimeout }), (one) => one.close())
  await until(() => backend.invalidation === 'up', 'changes are told')
  return backend
}

describe.each(LIBRARIES)('Redis Cluster with %s', (library) => {
  test('sessions live on every node, and any backend serves them', async () => {
    const [one, two] = await Promise.all([start(library), start(library)])
    const before = await Promise.all(cluster.masters.map(({ redis }) => redis.dbsize()))
    const ids = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const browser = new Browser()
        await browser.visit(one, ({ session }) => session.set({ count: n, other: 'x' }))
        await browser.visit(two, ({ session }) => session.update('count', (count) => (count as number) + 1))
        await browser.visit(two, ({ session }) => session.delete('other'))
        const login = await browser.visit(one, async (sticky) => {
          await sticky.regenerate()
          await sticky.session.set('user', n)
        })
        const read = await browser.visit(two, ({ session }) => session.all())
        expect([login.error, read.value]).toEqual([undefined, { count: n + 1, user: n }])
        return login.id ?? ''
      }),
    )
    const after = await Promise.all(cluster.masters.map(({ redis }) => redis.dbsize()))

    expect(new Set(ids).size).toBe(40)
    for (const [n, size] of after.entries()) expect(size).toBeGreaterThan(before[n] ?? 0)
    // Each says which node wrote it.
    for (const { redis } of cluster.masters) {
      const values = (await redis.keys('limpet:*')).map((key) => redis.get(key))
      const sessions = (await Promise.all(values)).filter((value) => /^[1-9]/.test(String(value)))
      const runs = new Set(sessions.map((value) => / r(\S{4})/.exec(String(value))?.[1]))
      expect([...runs]).toEqual([expect.any(String)])
    }
    for (const backend of [one, two]) expect(backend.ofType('store-failed')).toEqual([])
  })

  test('a change by another backend drops the copy', async () => {
    const [one, two] = await Promise.all([start(library), start(library)])
    for (let n = 0; n < 8; n++) {
      const browser = new Browser()
      await browser.visit(one, ({ session }) => session.set('cart', 'old'))
      const read = async () => (await browser.fork().visit(two, ({ session }) => session.get('cart'))).value
      const costsNothing = async () => {
        const before = await calls('get')
        expect(await read()).toBe('old')
        return (await calls('get')) === before
      }
      await until(costsNothing, 'there is a current copy')
      await browser.fork().visit(one, ({ session }) => session.set('cart', 'new'))
      await until(async () => (await read()) === 'new', 'the other backend has heard of it', SOON)
    }
  })

  test('a logout leaves its tombstone where the session was', async () => {
    const one = await start(library)
    const browser = new Browser()
    const { id = '' } = await browser.visit(one, ({ session }) => session.set('cart', 'one'))
    const slow = browser.fork()
    let loggedOut: () => void = () => undefined
    const logout = new Promise<void>((resolve) => {
      loggedOut = resolve
    })
    const writing = slow.visit(one, async ({ session }) => {
      await logout
      await session.set('cart', 'back from the dead')
    })
    await browser.visit(one, ({ session }) => session.destroy())
    loggedOut()
    expect((await writing).error?.code).toBe('ERR_LIMPET_DESTROYED')
    const found = await Promise.all(cluster.masters.map(({ redis }) => redis.call('EXISTS', keyOf(id)).catch(() => 0)))
    expect(found.filter(Boolean)).toHaveLength(1)
  })

  test('a user that may do no more than it must', async () => {
    const rules = [
      'on',
      '>secret',
      'resetkeys',
      '~limpet:*',
      'resetchannels',
      '&limpet:*',
      '-@all',
      ...CLUSTER_COMMANDS,
    ]
    const nodes = [...cluster.masters, ...cluster.replicas]
    await Promise.all(nodes.map(({ redis }) => redis.call('ACL', 'SETUSER', 'limpet', ...rules)))
    const one = await start(library, '1s', { username: 'limpet', password: 'secret' })
    const browser = new Browser()
    await browser.visit(one, ({ session }) => session.set('cart', 'one'))
    const read = await browser.visit(one, async (sticky) => {
      await sticky.regenerate()
      await sticky.session.update('cart', () => 'two')
      return sticky.session.all()
    })
    expect(read).toMatchObject({ value: { cart: 'two' }, error: undefined })
    expect(one.ofType('warning')).toEqual([])
    const logs = await Promise.all(nodes.map(({ redis }) => redis.call('ACL', 'LOG')))
    expect(logs.flat()).toEqual([])
  })

  test('replicas is refused', async () => {
    const made = await client(library)
    expect(() => redisStore(made, { replicas: 1 })).toThrow(/replicas does not work on Redis Cluster/)
  })
})

test('a client that is not for a cluster: the message says which one is', async () => {
  const [node] = cluster.masters
  if (!node) throw new Error('unreachable')
  const store = redisStore(node.redis)
  const ids = Array.from({ length: 20 }, (_, n) => `${n.toString(36)}z${'x'.repeat(22)}`)
  const results = await Promise.allSettled(ids.map((id) => store.write(id, change('1', { within: 2000 }))))
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  for (const { reason } of refused) {
    expect(reason).toMatchObject({
      applied: false,
      outage: false,
      message: expect.stringMatching(/MOVED.*createCluster/),
    })
  }
})

/** Two backends for each library, and clients that count up; `harm` is done to one master, whose replica takes over. */
async function underLoad(settings: Settings, master: number, harm: (node: ClusterNode) => unknown): Promise<void> {
  const loads = await Promise.all(
    LIBRARIES.map(async (library) => {
      const backends = [await start(library, '500ms', settings), await start(library, '500ms', settings)]
      return scene.add(new Load(backends, 8), (one) => one.stop())
    }),
  )
  for (const load of loads) load.start()
  await until(() => loads.every((load) => load.everyoneWrote()), 'everyone has written')

  const [node, replica] = [cluster.masters[master], cluster.replicas[master]]
  if (!node || !replica) throw new Error('unreachable')
  await harm(node)
  await until(async () => (await replica.redis.info('replication')).includes('role:master'), 'the replica was promoted')
  for (const load of loads) load.forgetWho()
  await until(() => loads.every((load) => load.everyoneWrote()), 'everyone writes again', 30_000)

  for (const load of loads) await load.stopAndCheck()
}

test('a master dies under load: what was acknowledged is there, or its loss is announced', { timeout: 60_000 }, () =>
  underLoad({}, 0, ({ server }) => server.kill()),
)

async function calls(command: string): Promise<number> {
  const stats = await Promise.all(cluster.masters.map(({ redis }) => redis.info('commandstats')))
  return stats.reduce(
    (sum, text) => sum + Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(text)?.[1] ?? 0),
    0,
  )
}
