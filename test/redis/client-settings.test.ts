import { Cluster, Redis } from 'ioredis'
import * as nodeRedis from 'redis'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { redisStoreFromUrl } from '../../src/redis/from-url.ts'
import { redisStore } from '../../src/redis.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { LIBRARIES } from './support/clients.ts'
import { Scene } from './support/scene.ts'
import { Wire } from './support/wire.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})
afterEach(() => scene.end())

const url = inject('redisUrl')

describe('a client that keeps commands during an outage', () => {
  test.each(LIBRARIES)('%s: is warned of, and the warning says how to make a better one', async (library) => {
    const { backend } = await scene.backend(library, url, { settings: 'default' })
    const warnings = backend.ofType('warning')
    expect(warnings.map(({ code }) => code)).toEqual(['client-settings'])
    const repair = {
      ioredis: 'new Redis(url, { enableOfflineQueue: false, autoResendUnfulfilledCommands: false })',
      'node-redis': 'createClient({ url, disableOfflineQueue: true })',
    }[library]
    expect(warnings[0]?.message).toContain(repair)
  })

  test.each(LIBRARIES)('%s: with the settings that the warning asks for there is none', async (library) => {
    const { backend } = await scene.backend(library, url, { settings: 'recommended' })
    expect(backend.ofType('warning')).toEqual([])
  })

  test('of ioredis: only what is missing is asked for', async () => {
    const warnings: string[] = []
    const client = scene.add(new Redis(url, { lazyConnect: true, enableOfflineQueue: false }), (one) =>
      one.disconnect(),
    )
    const none = () => undefined
    const warn = (_code: string, message: string) => warnings.push(message)
    const stop = redisStore(client).watch?.({ changed: none, renewed: none, up: none, down: none, warn })
    stop?.()
    expect(warnings).toEqual([expect.stringContaining('new Redis(url, { autoResendUnfulfilledCommands: false })')])
  })

  test.each([
    [undefined, 1],
    [false, 0],
  ])('a cluster of ioredis with enableOfflineQueue: %s gives %i warnings', (enableOfflineQueue, count) => {
    const warnings: string[] = []
    const options = { lazyConnect: true, ...(enableOfflineQueue === undefined ? {} : { enableOfflineQueue }) }
    const cluster = scene.add(new Cluster([{ host: '127.0.0.1', port: 1 }], options), (one) => one.disconnect())
    cluster.on('error', () => undefined)
    const none = () => undefined
    const warn = (_code: string, message: string) => warnings.push(message)
    redisStore(cluster).watch?.({ changed: none, renewed: none, up: none, down: none, warn })?.()
    expect(warnings).toHaveLength(count)
    for (const message of warnings) expect(message).toContain('new Cluster(nodes, { enableOfflineQueue: false })')
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
    const how = { seen: 0, ttl: 10_000, within: 5000, maxBytes: 100, expect: undefined, delete: [] }
    const written = await store.write(id, { ...how, set: new Map([['a', '"1"']]) })
    const refused = await store.write(id, { ...how, set: new Map([['a', '2']]), expect: { key: 'a', text: '3' } })
    expect([written, refused]).toEqual([
      { kind: 'written', version: 1, behind: 0 },
      { kind: 'conflict', text: '"1"' },
    ])
    for (const renew of [undefined, 1000]) {
      const read = await store.read(id, { seen: 1, renew, ttl: 10_000 })
      expect(read).toMatchObject({ kind: 'found', version: 1, behind: 0, entries: new Map([['a', '"1"']]) })
    }
  }
})

describe("limpet's own client, from REDIS_URL", () => {
  const only = (library: string) => (name: string) => {
    if (name !== library) return undefined
    return name === 'ioredis' ? { Redis } : nodeRedis
  }

  test.concurrent.each(['ioredis', 'redis'])(
    '%s: is made without a warning, and ends with the store',
    async (library) => {
      const redis = await startRedis()
      const warnings: string[] = []
      const none = () => undefined
      const store = redisStoreFromUrl(redis.url, only(library))
      const up = new Promise<void>((resolve) => {
        store.watch?.({
          changed: none,
          renewed: none,
          down: none,
          up: resolve,
          warn: (_code, message) => warnings.push(message),
        })
      })
      await up
      await write(store)
      await store.close?.()
      expect(warnings).toEqual([])
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
  const how = { seen: 0, ttl: 10_000, within: 1000, maxBytes: 100, expect: undefined, delete: [] }
  const result = await store.write('x'.repeat(24), { ...how, set: new Map([['a', '1']]) })
  return result.kind === 'written'
}
