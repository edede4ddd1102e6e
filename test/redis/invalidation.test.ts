import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { Backend, Browser } from './support/backend.ts'
import { calls, handIn, LIBRARIES, outside } from './support/clients.ts'
import { count, kill, ownOf } from './support/connections.ts'
import { keyOf } from './support/keys.ts'
import { type Actor, Scene } from './support/scene.ts'

/** Milliseconds. Well before a copy would be asked for again anyway. */
const SOON = 6000

let scene: Scene
let redis: RedisServer
let admin: Redis

beforeEach(async () => {
  scene = new Scene()
  redis = scene.add(await startRedis(), (server) => server.stop())
  admin = scene.add(outside(redis.url), (client) => client.disconnect())
})
afterEach(() => scene.end())

const cart = ({ backend }: Pick<Actor, 'backend'>, browser: Browser) =>
  browser
    .fork()
    .visit(backend, ({ session }) => session.get('cart'))
    .then(({ value }) => value)

describe.each(LIBRARIES)('local copies: %s', (library) => {
  const start = () => scene.backend(library, redis.url)

  test('a current copy answers without Redis; parallel gets ask once; strict asks each time', async () => {
    const [one, two] = await Promise.all([start(), start()])
    const strict = await scene.backend(library, redis.url, { sticky: { consistency: 'strict' } })
    const browser = new Browser()
    await browser.visit(one.backend, ({ session }) => session.set('cart', 'one'))
    const reads = async (work: () => Promise<unknown>) => {
      const before = await calls(admin, 'get')
      await work()
      return (await calls(admin, 'get')) - before
    }

    expect(await reads(() => cart(one, browser))).toBe(0)
    const parallel = () =>
      browser
        .fork()
        .visit(two.backend, ({ session }) => Promise.all(Array.from({ length: 20 }, () => session.get('cart'))))
    expect(await reads(parallel)).toBe(1)
    expect(await reads(() => Promise.all(Array.from({ length: 20 }, () => cart(two, browser))))).toBe(0)
    const twice = () =>
      browser
        .fork()
        .visit(strict.backend, async ({ session }) => [await session.get('cart'), await session.get('cart')])
    expect(await reads(twice)).toBe(2)
  })

  test('a change by another backend drops the copy, for a client that has not seen it too', async () => {
    const [one, two] = await Promise.all([start(), start()])
    const browser = new Browser()
    await browser.visit(one.backend, ({ session }) => session.set('cart', 'old'))
    expect(await cart(two, browser)).toBe('old')

    const other = browser.fork()
    await other.visit(one.backend, ({ session }) => session.set('cart', 'new'))
    await until(async () => (await cart(two, browser)) === 'new', 'the other backend has heard of it', SOON)
    await other.visit(one.backend, ({ session }) => session.destroy())
    await until(async () => (await cart(two, browser)) === undefined, 'the other backend has heard of the logout', SOON)
  })

  test("one's own write is not taken for somebody else's: the copy stays, and so does the cookie", async () => {
    const one = await start()
    const browser = new Browser()
    const { id = '' } = await browser.visit(one.backend, ({ session }) => session.set('cart', 0))
    for (let n = 1; n <= 10; n++) {
      const answer = await browser.visit(one.backend, async ({ session }) => {
        await session.set('cart', n)
        await told(one)
        const before = await calls(admin, 'get')
        return [await session.get('cart'), (await calls(admin, 'get')) - before]
      })
      expect(answer).toMatchObject({ value: [n, 0], id })
    }
  })

  test('a login, with a new id, keeps its cookie as well', async () => {
    const one = await start()
    const browser = new Browser()
    const { id } = await browser.visit(one.backend, ({ session }) => session.set('cart', 'one'))
    const login = await browser.visit(one.backend, async (sticky) => {
      await sticky.regenerate()
      await told(one)
      return sticky.session.get('cart')
    })
    expect(login.value).toBe('one')
    expect(login.id).toMatch(/^[\w-]{24}$/)
    expect(login.id).not.toBe(id)
  })

  test('what nobody of us changed is heard too: FLUSHALL, DEL, expiry, eviction', async () => {
    const one = await start()
    const browser = new Browser()
    const begin = async () => {
      const { id = '' } = await browser.visit(one.backend, ({ session }) => session.set('cart', 'here'))
      // What was done to the key before may still be on its way.
      await until(async () => {
        const before = await calls(admin, 'get')
        expect(await cart(one, browser)).toBe('here')
        return (await calls(admin, 'get')) === before
      }, 'there is a current copy')
      return keyOf(id)
    }
    const gone = () => until(async () => (await cart(one, browser)) === undefined, 'the copy is gone', SOON)

    await begin()
    await admin.flushall()
    await gone()

    await admin.del(await begin())
    await gone()

    await admin.pexpire(await begin(), 1)
    await gone()

    await begin()
    await admin.config('SET', 'maxmemory-policy', 'allkeys-random')
    await admin.config('SET', 'maxmemory', '1')
    await until(async () => (await admin.dbsize()) === 0, 'Redis has evicted everything')
    await admin.config('SET', 'maxmemory', '0')
    await gone()
    // None of this is silent.
    expect(one.backend.ofType('behind').length).toBeGreaterThanOrEqual(4)
  })

  test.each([
    ['the connection for commands', 'data'],
    ['the second connection', 'second'],
  ] as const)('without %s no copy is trusted; when both stand again they are', async (_name, which) => {
    const two = await start()
    const others = await ownOf(admin)
    const one = await start()
    const browser = new Browser()
    await browser.visit(one.backend, ({ session }) => session.set('cart', 'old'))
    const before = one.backend.ofType('invalidation').length

    await kill(admin, (await ownOf(admin, others))[which])
    await until(() => one.backend.ofType('invalidation').length >= before + 2, 'it was noticed and repaired')
    expect(one.backend.ofType('invalidation').slice(before, before + 2)).toEqual([
      { type: 'invalidation', state: 'down' },
      { type: 'invalidation', state: 'up' },
    ])
    // The copy of before is confirmed once, then current again.
    const asked = await calls(admin, 'get')
    expect(await cart(one, browser)).toBe('old')
    expect(await cart(one, browser)).toBe('old')
    expect(await calls(admin, 'get')).toBe(asked + 1)
    // And it is heard again what others do.
    await browser.fork().visit(two.backend, ({ session }) => session.set('cart', 'new'))
    await until(async () => (await cart(one, browser)) === 'new', 'the change was heard', SOON)
  })

  test('while the second connection is down, a change by others is read from Redis', async () => {
    const two = await start()
    const others = await ownOf(admin)
    const one = await start()
    const { second } = await ownOf(admin, others)
    const browser = new Browser()
    await browser.visit(one.backend, ({ session }) => session.set('cart', 'old'))
    await admin.call('ACL', 'SETUSER', 'default', '-subscribe')
    await kill(admin, second)
    await until(() => one.backend.invalidation === 'down', 'it was noticed')
    await browser.fork().visit(two.backend, ({ session }) => session.set('cart', 'new'))

    expect(await cart(one, browser)).toBe('new')
    await until(() => one.backend.ofType('warning').some(({ code }) => code === 'no-invalidation'), 'a warning')
  })

  test.each([
    ['+client', ['-client']],
    ['its channel', ['resetchannels']],
  ])('a user without %s: a warning with the repair, and reads are right', async (_what, rules) => {
    await admin.call('ACL', 'SETUSER', 'deaf', 'on', '>secret', '~*', '&*', '+@all', ...rules)
    const url = redis.url.replace('//', '//deaf:secret@')
    const one = await scene.backend(library, url, { untold: true })
    const two = await start()
    await until(() => one.backend.ofType('warning').length > 0, 'a warning')
    const browser = new Browser()
    await browser.visit(one.backend, ({ session }) => session.set('cart', 'old'))
    expect(await cart(one, browser)).toBe('old')
    await browser.fork().visit(two.backend, ({ session }) => session.set('cart', 'new'))

    expect(await cart(one, browser)).toBe('new')
    const warnings = one.backend.ofType('warning')
    expect(warnings.map(({ code }) => code)).toEqual(['no-invalidation'])
    expect(warnings[0]?.message).toMatch(/NOPERM.*docs\/redis\.md/)
    expect(one.backend.invalidation).toBe('down')
  })

  test('a server that has no room for the second connection is asked again until it has', async () => {
    const options = { untold: true }
    const { backend, handedIn } = await scene.backend(library, redis.url, options)
    await until(() => backend.invalidation === 'up', 'changes are told')
    await handedIn.command(['CONFIG', 'SET', 'maxclients', String(await count(admin))])
    await handedIn.command(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    await until(() => backend.invalidation === 'down', 'it was noticed')
    // Somebody else has taken its place.
    const guest = scene.add(outside(redis.url), (client) => client.disconnect())
    await until(async () => {
      const stats = String(await handedIn.command(['INFO', 'stats']))
      return Number(/rejected_connections:(\d+)/.exec(stats)?.[1]) >= 2
    }, 'it was refused')
    guest.disconnect()
    await handedIn.command(['CONFIG', 'SET', 'maxclients', '1000'])
    await until(() => backend.invalidation === 'up', 'changes are told again')
    expect(backend.ofType('warning')).toEqual([])
  })

  test('a login is heard as one: what still has the old cookie elsewhere gets no other', async () => {
    const [one, two] = await Promise.all([start(), start()])
    const browser = new Browser()
    const { id } = await browser.visit(one.backend, ({ session }) => session.set('cart', 'mine'))
    const old = browser.fork()
    await browser.visit(one.backend, (sticky) => sticky.regenerate())
    await until(
      async () => (await old.fork().visit(two.backend, (sticky) => sticky.reason)).value === 'destroyed',
      'the other backend has heard of it without asking',
    )
    for (const at of [one, two]) {
      const poll = await old.visit(at.backend, (sticky) => [sticky.reason, sticky.id === id])
      expect(poll).toMatchObject({ value: ['destroyed', false], setCookie: [] })
    }
    expect(await cart(two, browser)).toBe('mine')
  })

  test('close() may be called twice, and the store be used again', async () => {
    const handedIn = scene.add(await handIn(library, redis.url), (client) => client.end())
    const store = redisStore(handedIn.client)
    const first = await Backend.start(store)
    await first.close()
    await first.sticky.close()
    const backend = scene.add(await Backend.start(store), (one) => one.close())
    await until(() => backend.invalidation === 'up', 'changes are told')
    const browser = new Browser()
    const answer = await browser.visit(backend, async ({ session }) => {
      await session.set('cart', 'one')
      await told({ backend })
    })
    expect(answer.setCookie).toHaveLength(1)
    expect(backend.ofType('warning')).toEqual([])
  })

  test('two sticky() on one client hear each other; on one store too, with a warning', async () => {
    const handedIn = scene.add(await handIn(library, redis.url), (client) => client.end())
    const stores = [redisStore(handedIn.client), redisStore(handedIn.client)]
    for (const [first, second] of [stores, [stores[0], stores[0]]]) {
      if (!first || !second) throw new Error('unreachable')
      const backends = [await Backend.start(first), await Backend.start(second)] as const
      await until(() => backends.every((backend) => backend.invalidation === 'up'), 'changes are told')
      const [one, two] = backends.map((backend) => ({ backend, handedIn })) as [Actor, Actor]
      const browser = new Browser()
      await browser.visit(one.backend, ({ session }) => session.set('cart', 'old'))
      expect(await cart(two, browser)).toBe('old')
      await browser.fork().visit(one.backend, ({ session }) => session.set('cart', 'new'))
      await until(async () => (await cart(two, browser)) === 'new', 'the other has heard of it', SOON)
      const warnings = backends.flatMap((backend) => backend.ofType('warning').map(({ message }) => message))
      expect(warnings).toEqual(first === second ? [expect.stringMatching(/redisStore\(client\) for each/)] : [])
      await Promise.all(backends.map((backend) => backend.close()))
    }
  })

  test('close() leaves the client as it was', async () => {
    const handedIn = scene.add(await handIn(library, redis.url), (client) => client.end())
    const listeners = () => (handedIn.client as never as NodeJS.EventEmitter).eventNames().length
    const before = { clients: await count(admin), listeners: listeners() }
    const store = redisStore(handedIn.client)
    const backend = await Backend.start(store)
    await until(() => backend.invalidation === 'up', 'changes are told')
    expect(await count(admin)).toBe(before.clients + 2)
    await backend.close()

    await until(async () => (await count(admin)) === before.clients, 'its connections are gone')
    expect(listeners()).toBe(before.listeners)
    expect(await handedIn.command(['PING'])).toBe('PONG')
    const tracking = JSON.stringify(await handedIn.command(['CLIENT', 'TRACKINGINFO']))
    expect(tracking).toContain('"off"')
  })
})

test('with a keyPrefix of ioredis, copies are dropped as well', async () => {
  const options = { keyPrefix: 'shop:' }
  const [one, two] = await Promise.all([
    scene.backend('ioredis', redis.url, options),
    scene.backend('ioredis', redis.url, options),
  ])
  const browser = new Browser()
  const { id = '' } = await browser.visit(one.backend, ({ session }) => session.set('cart', 'old'))
  expect(await admin.keys('*')).toEqual([keyOf(id, 'shop:limpet:')])
  expect(await cart(two, browser)).toBe('old')
  await browser.fork().visit(one.backend, ({ session }) => session.set('cart', 'new'))
  await until(async () => (await cart(two, browser)) === 'new', 'the change was heard', SOON)
  await admin.del(keyOf(id, 'shop:limpet:'))
  await until(async () => (await cart(two, browser)) === undefined, 'the deletion was heard', SOON)
})

/** What was published or told until now has reached this backend too. */
async function told({ backend }: Pick<Actor, 'backend'>): Promise<void> {
  const browser = new Browser()
  const { id = '' } = await browser.visit(backend, ({ session }) => session.set('cart', 0))
  expect(await cart({ backend }, browser)).toBe(0)
  await admin.del(keyOf(id))
  await until(async () => (await cart({ backend }, browser)) === undefined, 'the last of it was told')
}
