import { inspect } from 'node:util'
import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GuardedStore } from '../../src/engine/process/guarded-store.ts'
import type { LimpetEvent } from '../../src/ports/events.ts'
import type { Store } from '../../src/ports/store.ts'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { change, ending, moving, reading } from './support/calls.ts'
import { handIn, LIBRARIES, outside } from './support/clients.ts'
import { keyOf } from './support/keys.ts'
import { Scene } from './support/scene.ts'
import { Wire } from './support/wire.ts'

// Law 10: no address, no secret and no session value leaves the house, whatever a logger walks.

const ID = 'abSECRETidSECRETidSECRET'
const OTHER = 'abSECRETotherSECRETother'
const VALUES = { set: new Map([['SECRETkey\r\nX-Forged: 1', '"SECRETvalue"']]) }

let scene: Scene
let redis: RedisServer
let admin: Redis

beforeEach(async () => {
  scene = new Scene()
  redis = scene.add(await startRedis(['--requirepass', 'SECRETpassword']), (server) => server.stop())
  admin = scene.add(outside(redis.url.replace('//', '//:SECRETpassword@')), (client) => client.disconnect())
})
afterEach(() => scene.end())

/** All texts that are reachable from a value: own and inherited properties, hidden ones, symbols, entries, what inspect and JSON make of it. */
function texts(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value]
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
    return [String(value)]
  seen.add(value)
  const found: string[] = [inspect(value, { showHidden: true, depth: 20, getters: true }), JSON.stringify(value) ?? '']
  for (
    let at: object | null = value;
    at && at !== Object.prototype && at !== Function.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const name of Reflect.ownKeys(at)) {
      found.push(String(name))
      const { value: own } = Object.getOwnPropertyDescriptor(at, name) ?? {}
      found.push(...texts(own, seen))
    }
  }
  return found
}

function expectNoSecret(events: readonly LimpetEvent[], port: number): void {
  expect(events.length).toBeGreaterThan(0)
  const said = events.flatMap((event) => texts(event)).join('\n')
  expect(said).not.toMatch(/SECRET|127\.0\.0\.1|X-Forged/)
  expect(said).not.toContain(String(port))
  for (const event of events) if (event.type === 'store-failed') expect(event.error.message).not.toMatch(/[\r\n]/)
}

describe.each(LIBRARIES)('what fails tells nothing but our own words: %s', (library) => {
  const start = async (url: string) => {
    const handedIn = scene.add(await handIn(library, url, { unconnected: true }), (client) => client.end())
    const store = scene.add(redisStore(handedIn.client), (one) => one.close?.())
    const events: LimpetEvent[] = []
    return { store, events, guard: new GuardedStore(store, 500, (event) => events.push(event)) }
  }
  const all = async (guard: GuardedStore) => {
    const within = guard.timeout
    const calls: ['read' | 'write' | 'destroy' | 'move' | 'touch', (store: Store) => Promise<unknown>][] = [
      ['read', (store) => store.read(ID, reading({ within, seen: 1 }))],
      ['write', (store) => store.write(ID, change('', { ...VALUES, within }))],
      ['destroy', (store) => store.destroy(ID, ending({ within }))],
      ['move', (store) => store.move(ID, OTHER, moving({ ...VALUES, within }))],
      ['touch', (store) => store.touch(ID, 1000)],
    ]
    await Promise.allSettled(calls.map(([operation, run]) => guard.call(operation, run)))
  }
  const withPassword = (url: string) => url.replace('//', '//:SECRETpassword@')

  test.each<[string, (admin: Redis) => Promise<unknown>]>([
    ['something else lies under the key', (client) => client.rpush(keyOf(ID), 'SECRETlist')],
    ['what lies there is none of ours', (client) => client.set(keyOf(ID), 'SECRETtext')],
    ['there is no memory', (client) => client.config('SET', 'maxmemory', '1')],
    ['the server only reads', (client) => client.replicaof('127.0.0.1', 1)],
    ['there are too few replicas', (client) => client.config('SET', 'min-replicas-to-write', '3')],
    ['the user may not', (client) => client.call('ACL', 'SETUSER', 'default', '-evalsha', '-eval', '-get')],
    ['scripts are broken', (client) => client.call('ACL', 'SETUSER', 'default', '-set')],
  ])('%s', async (_what, fault) => {
    const { guard, events } = await start(withPassword(redis.url))
    await fault(admin)
    await all(guard)
    expectNoSecret(events, redis.port)
  })

  test('the password is wrong, nobody is there, the name is unknown', async () => {
    for (const url of [
      redis.url.replace('//', '//:SECRETwrong@'),
      'redis://:SECRETpassword@127.0.0.1:1',
      'redis://:SECRETpassword@SECRET.invalid:6379',
      `${withPassword(redis.url)}/99`,
    ]) {
      const { guard, events } = await start(url)
      await all(guard)
      expectNoSecret(events, redis.port)
    }
  })

  test('the connection breaks under way, or Redis does not answer', async () => {
    const wire = scene.add(await Wire.start(redis.port), (one) => one.stop())
    const { guard, events } = await start(withPassword(wire.url))
    await all(guard)
    wire.losesAnswers = true
    const { carried } = wire
    const calls = all(guard)
    await until(() => wire.carried > carried, 'it is on its way')
    wire.cut()
    await calls
    await all(guard)
    expectNoSecret(events, redis.port)
  })
})
