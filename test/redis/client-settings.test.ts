import { Redis } from 'ioredis'
import * as nodeRedis from 'redis'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { redisStoreFromUrl } from '../../src/redis/from-url.ts'
import { redisStore } from '../../src/redis.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { change, reading } from './support/calls.ts'
import { handIn, LIBRARIES, notInstalled } from './support/clients.ts'
import { Scene } from './support/scene.ts'
import { Watching } from './support/watching.ts'
import { Wire } from './support/wire.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})
afterEach(() => scene.end())

const url = inject('redisUrl')

describe('whatever the settings of the client that was handed in', () => {
  test.each(LIBRARIES)('%s: there is no warning, and nothing is kept for later', async (library) => {
    const redis = scene.add(await startRedis(), (server) => server.stop())
    const handedIn = scene.add(await handIn(library, redis.url, { settings: 'default' }), (one) => one.end())
    const store = scene.add(redisStore(handedIn.client), (one) => one.close?.())
    const watching = scene.add(new Watching(store), (one) => one.stop())
    await watching.trusted()
    await redis.kill()
    // The second connection may be the first to notice. A read that finds the other one broken waits for a new one.
    await expect(store.read('x'.repeat(24), reading({ within: 200 }))).rejects.toMatchObject({ outage: true })
    await expect(store.write('x'.repeat(24), change('1', { within: 100 }))).rejects.toMatchObject({ applied: false })
    await redis.restart()
    await watching.trusted()
    expect(await store.read('x'.repeat(24), reading())).toEqual({ kind: 'absent' })
    expect(watching.warnings).toEqual([])
  })

  test('a client that answers with other types, times out, or keeps its own copies', async () => {
    const options = { commandTimeout: 1, socketTimeout: 1, keyPrefix: 'shop:', readOnly: true, db: 3 }
    const io = scene.add(new Redis(url, { ...options, lazyConnect: true }), (one) => one.disconnect())
    const node = nodeRedis.createClient({ url, RESP: 3, clientSideCache: { ttl: 0 }, readonly: true, pingInterval: 1 })
    for (const client of [io, node]) {
      const store = scene.add(redisStore(client as never, { prefix: 'odd:' }), (one) => one.close?.())
      const watching = scene.add(new Watching(store), (one) => one.stop())
      await watching.trusted()
      await write(store)
      expect(await store.read('x'.repeat(24), reading())).toMatchObject({ kind: 'found', version: 1 })
      expect(watching.told).toEqual(['up'])
      expect(watching.warnings).toEqual([])
    }
  })
})

describe('what redisStore() does not take', () => {
  const refusal = (client: unknown, options?: object) => {
    try {
      redisStore(client as never, options)
    } catch (error) {
      return error
    }
    return undefined
  }

  test.each([
    ['nothing', undefined],
    ['a URL', 'redis://127.0.0.1'],
    ['an object', {}],
    ['a pool of node-redis', nodeRedis.createClientPool({ url })],
    ['a Sentinel client of node-redis', nodeRedis.createSentinel({ name: 'x', sentinelRootNodes: [] })],
  ])('%s', (_what, client) => {
    expect(refusal(client)).toMatchObject({
      code: 'ERR_LIMPET_CLIENT',
      message: expect.stringContaining('redisStore takes'),
    })
  })

  test.each([
    [{ prefx: 'shop:' }, 'unknown option of redisStore "prefx": did you mean "prefix"?'],
    [{ prefix: 'shop:{a}' }, "redisStore's prefix must be a string without braces"],
    [{ replicas: -1 }, "redisStore's replicas must be a whole number, like 1"],
    [
      ['shop:'],
      "the options of redisStore() must be an object, like redisStore(client, { prefix: 'shop:' }); got an array",
    ],
  ])('%j', (options, message) => {
    const client = scene.add(new Redis(url, { lazyConnect: true }), (one) => one.disconnect())
    expect(refusal(client, options)).toMatchObject({
      code: 'ERR_LIMPET_OPTIONS',
      message: expect.stringContaining(message),
    })
  })
})

test('replies are understood whatever types the client is set to', async () => {
  const client = nodeRedis.createClient({
    url,
    disableOfflineQueue: true,
    commandOptions: { typeMapping: { [nodeRedis.RESP_TYPES.BLOB_STRING]: Buffer, [nodeRedis.RESP_TYPES.MAP]: Map } },
  })
  scene.add(await client.connect(), (one) => one.destroy())
  const buffers = redisStore(client as never, { prefix: 'typed:' })
  const io = scene.add(new Redis(url, { replyMapping: 'resp3', stringNumbers: true }), (one) => one.disconnect())
  for (const [index, store] of [buffers, redisStore(io, { prefix: 'typed:' })].entries()) {
    const id = `${index}`.repeat(24)
    const written = await store.write(id, change('"1"', { within: 5000 }))
    const refused = await store.write(id, change('2', { within: 5000, expect: new Map([['a', '3']]) }))
    expect([written, refused]).toEqual([
      { kind: 'written', version: 1, behind: 0, begins: true },
      { kind: 'conflict', found: new Map([['a', '"1"']]) },
    ])
    for (const touch of [undefined, 1000]) {
      const read = await store.read(id, reading({ seen: 1, touch }))
      expect(read).toMatchObject({ kind: 'found', version: 1, behind: 0, entries: new Map([['a', '"1"']]) })
    }
    await store.close?.()
  }
})

describe("limpet's own client, from REDIS_URL", () => {
  const only = (library: string) => (name: string) => {
    if (name !== library) return notInstalled(name)
    return { module: name === 'ioredis' ? { Redis } : nodeRedis }
  }

  test.concurrent.each(['ioredis', 'redis'])(
    '%s: is made without a warning, and ends with the store',
    async (library) => {
      const redis = await startRedis()
      const store = redisStoreFromUrl(redis.url, only(library))
      const watching = new Watching(store)
      await watching.trusted()
      await write(store)
      watching.stop()
      await store.close?.()
      expect(watching.warnings).toEqual([])
      const admin = new Redis(redis.url)
      const clients = async () =>
        String(await admin.call('CLIENT', 'LIST'))
          .trim()
          .split('\n').length
      await until(async () => (await clients()) === 1, 'all connections are gone')
      admin.disconnect()
      await redis.stop()
    },
  )

  test.concurrent.each(['ioredis', 'redis'])(
    '%s: gives up a connection on which nothing comes any more',
    async (library) => {
      const redis = await startRedis()
      const wire = await Wire.start(redis.port)
      const store = redisStoreFromUrl(wire.url, only(library))
      await write(store)
      wire.vanish()
      await until(() => write(store), 'there is another connection')
      await store.close?.()
      await wire.stop()
      await redis.stop()
    },
  )
})

test('a session works the same with both libraries, and each reads what the other wrote', async () => {
  const [one, two] = await Promise.all([scene.backend('ioredis', url), scene.backend('node-redis', url)])
  const browser = new Browser()
  const values = { text: 'ünïcödé \u{1F41A} "\\', number: 1.5, list: [1, { a: null }] }
  await browser.visit(one.backend, ({ session }) => session.set(values))
  const read = await browser.visit(two.backend, ({ session }) => session.all())
  expect(read.value).toEqual(JSON.parse(JSON.stringify(values)))
  await browser.visit(two.backend, ({ session }) => session.delete('text', 'list'))
  const left = await browser.visit(one.backend, ({ session }) => session.all())
  expect(left.value).toEqual({ number: 1.5 })
})

async function write(store: Store): Promise<boolean> {
  const result = await store.write('x'.repeat(24), change('1'))
  return result.kind === 'written'
}
