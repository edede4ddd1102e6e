import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { change } from './support/calls.ts'
import { handIn, LIBRARIES, outside } from './support/clients.ts'
import { hasEnded, textOf } from './support/keys.ts'
import { Scene } from './support/scene.ts'
import { Wire } from './support/wire.ts'

let scene: Scene
let primary: RedisServer
let replica: RedisServer
let atPrimary: Redis
let atReplica: Redis

beforeEach(async () => {
  scene = new Scene()
  const start = async () =>
    scene.add(await startRedis(['--repl-diskless-sync-delay', '0', '--repl-timeout', '60']), (server) => server.stop())
  ;[primary, replica] = await Promise.all([start(), start()])
  atPrimary = scene.add(outside(primary.url), (client) => client.disconnect())
  atReplica = scene.add(outside(replica.url), (client) => client.disconnect())
  await atReplica.replicaof('127.0.0.1', primary.port)
  await until(
    async () => (await atReplica.info('replication')).includes('master_link_status:up'),
    'the replica follows',
  )
  // Right after they have met, a replica may take a second to confirm anything.
  await until(async () => {
    await atPrimary.publish('warm', 'up')
    return Number(await atPrimary.call('WAIT', '1', '100')) === 1
  }, 'it confirms what it gets')
})
afterEach(() => scene.end())

const OPTIONS = { store: { replicas: 1 }, sticky: { storeTimeout: '800ms' } } as const

describe.each(LIBRARIES)('replicas: 1 with %s', (library) => {
  test('a write counts when the replica has it; else it rejects, and is there all the same', async () => {
    const { backend } = await scene.backend(library, primary.url, OPTIONS)
    const browser = new Browser()
    const { id = '', error } = await browser.visit(backend, ({ session }) => session.set('cart', 'one'))
    expect(error).toBeUndefined()
    expect(await textOf(atReplica, id, 'cart')).toBe('"one"')
    const login = await browser.visit(backend, (sticky) => sticky.regenerate())
    expect(await textOf(atReplica, login.id ?? '', 'cart')).toBe('"one"')
    expect(await hasEnded(atReplica, id)).toBe(true)

    replica.pause()
    const write = await browser.visit(backend, ({ session }) => session.set('cart', 'two'))
    replica.resume()

    expect(write).toMatchObject({ error: { code: 'ERR_LIMPET_STORE', applied: 'unknown' }, id: login.id })
    expect(await textOf(atPrimary, login.id ?? '', 'cart')).toBe('"two"')
    await until(
      () => browser.visit(backend, ({ session }) => session.set('cart', 'three')).then((answer) => !answer.error),
      'the replica answers again',
    )
    expect(await textOf(atReplica, login.id ?? '', 'cart')).toBe('"three"')
  })

  test('NOREPLICAS, where the server itself insists on replicas: surely not done, and at once', async () => {
    const { backend } = await scene.backend(library, primary.url, { ...OPTIONS, sticky: { storeTimeout: '30s' } })
    await atPrimary.config('SET', 'min-replicas-to-write', '2')
    const write = await new Browser().visit(backend, ({ session }) => session.set('cart', 'one'))
    expect(write.error).toMatchObject({
      code: 'ERR_LIMPET_STORE',
      applied: false,
      message: expect.stringContaining('NOREPLICAS'),
    })
    expect(backend.ofType('store-breaker')).toEqual([])
    expect(await atPrimary.dbsize()).toBe(0)
  })
})

test.each(LIBRARIES)(
  '%s: a connection that breaks while replicas are awaited does not turn into a yes',
  async (library) => {
    const wire = scene.add(await Wire.start(primary.port), (one) => one.stop())
    const { backend } = await scene.backend(library, wire.url, OPTIONS)
    const browser = new Browser()
    await browser.visit(backend, ({ session }) => session.set('cart', 'one'))

    replica.pause()
    const writing = browser.visit(backend, ({ session }) => session.set('cart', 'two'))
    await until(async () => (await atPrimary.info('clients')).includes('blocked_clients:1'), 'the replica is awaited')
    wire.cut()
    const write = await writing
    replica.resume()

    expect(write.error).toMatchObject({ code: 'ERR_LIMPET_STORE', applied: 'unknown' })
  },
)

test('where nothing was written, nothing is waited for', async () => {
  const { client } = scene.add(await handIn('ioredis', primary.url), (handedIn) => handedIn.end())
  const store = redisStore(client, { replicas: 1 })
  await store.write('x'.repeat(24), change('1'))
  replica.pause()
  const result = await store.write('x'.repeat(24), change('3', { expect: new Map([['a', '2']]) }))
  replica.resume()
  expect(result).toEqual({ kind: 'conflict', found: new Map([['a', '1']]) })
})

test('replicas has to be a whole number', async () => {
  const { client } = scene.add(await handIn('ioredis', primary.url), (handedIn) => handedIn.end())
  for (const replicas of [-1, 1.5, '1', Number.NaN]) {
    expect(() => redisStore(client, { replicas: replicas as number })).toThrow(/replicas must be a whole number/)
  }
})
