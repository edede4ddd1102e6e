import { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type LimpetEvent, type Sticky, sticky } from '../../src/index.ts'
import type { Store } from '../../src/ports/store.ts'
import { redisStoreFromUrl } from '../../src/redis/from-url.ts'
import { freePort, type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { change, reading } from './support/calls.ts'
import { notInstalled, outside } from './support/clients.ts'

const require = createRequire(import.meta.url)
const PASSWORD = 'open-sesame'
const WRONG = 'let-me-in'

/** Every client that limpet may find installed. */
const CLIENTS = [
  ['ioredis 6', 'ioredis', 'ioredis'],
  ['ioredis 5', 'ioredis', 'ioredis5'],
  ['redis 6', 'redis', 'redis'],
  ['redis 5', 'redis', 'redis5'],
] as const

const installed = (peer: string, name: string) => (wanted: string) =>
  wanted === peer ? { module: require(name) } : notInstalled(wanted)

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis(['--requirepass', PASSWORD])
})
afterAll(() => redis.stop())
afterEach(() => void vi.unstubAllEnvs())

describe('a REDIS_URL that is none fails at start, and is not printed', () => {
  test.each([
    ['http://:open-sesame@127.0.0.1:6379', 'a text that begins otherwise'],
    ['foo', 'a text that begins otherwise'],
    ['127.0.0.1:6379', 'a text that begins otherwise'],
    ['//:open-sesame@127.0.0.1:6379', 'a text that begins otherwise'],
    ['/run/open-sesame.sock', 'a text that begins otherwise'],
    [' redis://:open-sesame@127.0.0.1:6379', 'a text that begins otherwise'],
    ['redis:127.0.0.1:6379', 'a text that begins otherwise'],
    ['redis://127.0.0.1:99999', 'a port goes up to 65535'],
    ['redis://:open-sesame@:6379', 'a text that is no URL'],
    ['redis://:open/sesame@127.0.0.1:6379', 'percent-encoded'],
    ['redis://ada:1/open-sesame@127.0.0.1:6379', 'percent-encoded'],
    ['redis://ada:1?open-sesame@127.0.0.1:6379', 'percent-encoded'],
    ['redis://ada:1#open-sesame@127.0.0.1:6379', 'percent-encoded'],
    ['redis://:open%sesame@127.0.0.1:6379', 'percent-encoded'],
    ['redis://', 'a URL without a host'],
    ['redis:///0', 'a URL without a host'],
    ['redis://127.0.0.1:6379/sessions', 'a URL whose database is no whole number'],
    ['redis://127.0.0.1:6379/-1', 'a URL whose database is no whole number'],
  ])('%s', (url, why) => {
    vi.stubEnv('LIMPET_SECRET', 'a secret of the tests, of more than 32 bytes')
    vi.stubEnv('REDIS_URL', url)
    let thrown: unknown
    try {
      sticky()
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({
      code: 'ERR_LIMPET_OPTIONS',
      message: expect.stringMatching(/^REDIS_URL must look like redis:\/\/host:6379 or rediss:\/\//),
    })
    expect(thrown).toMatchObject({ message: expect.stringContaining(why) })
    expect(inspect(thrown, { depth: 9 })).not.toMatch(/sesame|127\.0\.0\.1|sessions|99999/)
  })

  test.each(CLIENTS)('one that is right is taken: %s', async (_, peer, name) => {
    for (const url of [
      `redis://:${PASSWORD}@127.0.0.1:${redis.port}`,
      `REDIS://default:open%2Dsesame@localhost:${redis.port}/`,
    ]) {
      const store = redisStoreFromUrl(url, installed(peer, name))
      expect(await until(() => read(store), 'there is a connection')).toMatchObject({ kind: 'absent' })
      await store.close?.()
    }
  })
})

describe.each(CLIENTS)('why there is no connection: %s', (_, peer, name) => {
  test.each([
    ['the wrong password', () => `redis://:${WRONG}@127.0.0.1:${redis.port}`, /WRONGPASS/],
    ['the wrong user', () => `redis://ada:${PASSWORD}@127.0.0.1:${redis.port}`, /WRONGPASS/],
    ['no password', () => `redis://127.0.0.1:${redis.port}`, /NOAUTH/],
    ['a host that nobody knows', () => `redis://:${WRONG}@nowhere.invalid:6379`, /ENOTFOUND|EAI_AGAIN/],
    ['nobody there', async () => `redis://:${WRONG}@127.0.0.1:${await freePort()}`, /ECONNREFUSED/],
    ['no such database', () => `redis://:${PASSWORD}@127.0.0.1:${redis.port}/99`, /there is no such database/],
  ])('%s', async (_what, url, why) => {
    const store = redisStoreFromUrl(await url(), installed(peer, name))
    const failure = () => read(store, 100).then(() => undefined, String)
    // The first attempt may not have failed yet, and a name server may take its time.
    await until(async () => why.test((await failure()) ?? ''), 'it is said why')
    const error = await read(store, 100).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_LIMPET_STORE', applied: false, message: expect.stringMatching(why) })
    expect(error).not.toHaveProperty('cause')
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(
      new RegExp(`${PASSWORD}|${WRONG}|127\\.0\\.0\\.1|nowhere`),
    )
    expect(await write(store).catch((thrown: unknown) => thrown)).toMatchObject({
      applied: false,
      message: expect.stringMatching(why),
    })
    await store.close?.()
    const admin = outside(`redis://:${PASSWORD}@127.0.0.1:${redis.port}`)
    // Least of all in database 0.
    expect(await admin.dbsize()).toBe(0)
    admin.disconnect()
  })

  test('it is always the newest reason', async () => {
    const own = await startRedis()
    await own.kill()
    const store = redisStoreFromUrl(own.url, installed(peer, name))
    const failure = () => read(store, 300).then(() => undefined, String)
    await until(async () => /ECONNREFUSED/.test((await failure()) ?? ''), 'it has been refused')
    await own.restart(['--requirepass', PASSWORD])
    await until(async () => /NOAUTH/.test((await failure()) ?? ''), 'it hears the new reason')
    await own.restart()
    await until(async () => (await failure()) === undefined, 'it is connected')
    await own.kill()
    await until(async () => /ECONNREFUSED/.test((await failure()) ?? ''), 'it has been refused')
    await store.close?.()
    await own.stop()
  })
})

test('the application hears it: the rejection and the event have the reason', async () => {
  vi.stubEnv('LIMPET_SECRET', 'a secret of the tests, of more than 32 bytes')
  vi.stubEnv('REDIS_URL', `redis://:${WRONG}@127.0.0.1:${redis.port}`)
  const events: LimpetEvent[] = []
  const handle = sticky({ storeTimeout: 400, onEvent: (event) => events.push(event) })
  const request = new IncomingMessage(new Socket()) as IncomingMessage & { sticky: Sticky }
  handle(request, new ServerResponse(request), () => undefined)
  const reason = { message: expect.stringMatching(/WRONGPASS/) }
  await expect(request.sticky.session.set('a', 1)).rejects.toMatchObject(reason)
  expect(events.filter(({ type }) => type === 'store-failed')).toMatchObject([{ error: reason }])
  await handle.close()
})

function read(store: Store, within = 400) {
  return store.read('x'.repeat(24), reading({ within }))
}

function write(store: Store) {
  return store.write('x'.repeat(24), change('1', { within: 100 }))
}
