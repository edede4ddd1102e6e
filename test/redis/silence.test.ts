import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { change, reading } from './support/calls.ts'
import { handIn, LIBRARIES, outside } from './support/clients.ts'
import { lines } from './support/connections.ts'
import { Scene, stage } from './support/scene.ts'
import { Watching } from './support/watching.ts'
import { Wire } from './support/wire.ts'

const ID = 'abcdefghijklmnopqrstuvwx'

let scene: Scene
let redis: RedisServer
let admin: Redis

beforeEach(async () => {
  scene = new Scene()
  redis = scene.add(await startRedis(), (server) => server.stop())
  admin = scene.add(outside(redis.url), (client) => client.disconnect())
})
afterEach(() => scene.end())

describe.concurrent.each(LIBRARIES)('%s', (library) => {
  test.for<[string, (isListening: boolean) => boolean]>([
    ['all connections', () => true],
    ['the second connection', (isListening) => isListening],
    ['the connection for commands', (isListening) => !isListening],
  ])('%s vanish without a word (a NAT): noticed, and repaired', async ([, which], { onTestFinished }) => {
    const own = await stage(onTestFinished)
    const wire = own.scene.add(await Wire.start(own.redis.port), (one) => one.stop())
    const handedIn = own.scene.add(await handIn(library, wire.url, { unconnected: true }), (client) => client.end())
    const store = own.scene.add(redisStore(handedIn.client), (one) => one.close?.())
    const watching = own.scene.add(new Watching(store), (one) => one.stop())
    await watching.trusted()
    watching.take()
    wire.vanish((sent) => which(/subscribe/i.test(sent)))
    await until(() => watching.told.includes('down'), 'it was noticed')
    await watching.trusted()
    expect(await store.write(ID, change('1'))).toMatchObject({ kind: 'written' })
    expect(await store.read(ID, reading())).toMatchObject({ kind: 'found' })
    expect(watching.warnings).toEqual([])
  })
})

describe.each(LIBRARIES)('a set-up command that Redis answers with an error: %s', (library) => {
  const start = async () => {
    const wire = scene.add(await Wire.start(redis.port), (one) => one.stop())
    const handedIn = scene.add(await handIn(library, wire.url, { unconnected: true }), (client) => client.end())
    return { wire, store: scene.add(redisStore(handedIn.client), (one) => one.close?.()) }
  }

  test('in words of its own: a refusal, said once, and not tried for ever', async () => {
    const { wire, store } = await start()
    wire.rewrites = [[/(CLIENT\r\n\$\d+\r\n)TRACKING/i, '$1TRACKINK']]
    const watching = scene.add(new Watching(store), (one) => one.stop())
    await until(() => watching.warnings.length > 0, 'it is said')
    const before = wire.joined
    expect(await store.read(ID, reading())).toMatchObject({ kind: 'absent' })
    await store.write(ID, change('1'))
    expect(await store.read(ID, reading())).toMatchObject({ kind: 'found' })
    expect(wire.joined).toBe(before)
    expect(watching.warnings).toMatchObject([
      { code: 'no-invalidation', message: expect.stringContaining('docs/redis.md') },
    ])
    expect(watching.isTrusted).toBe(false)
  })

  test('that passes: tried again, later and later, and said once', async () => {
    const { wire, store } = await start()
    wire.answers = [[/\r\nCLIENT\r\n\$\d+\r\nTRACKING/i, '-LOADING Redis is loading the dataset in memory\r\n']]
    const watching = scene.add(new Watching(store), (one) => one.stop())
    await until(() => watching.warnings.length > 0, 'it is said', 25_000)
    expect(watching.warnings).toMatchObject([{ code: 'invalidation-retries' }])
    expect(await store.read(ID, reading())).toMatchObject({ kind: 'absent' })
    // The first, and one for each attempt.
    expect(wire.joined).toBeLessThanOrEqual(1 + 10)
    wire.answers = []
    await watching.trusted()
    expect((await lines(admin)).filter(({ isListening }) => isListening)).toHaveLength(1)
  })
})
