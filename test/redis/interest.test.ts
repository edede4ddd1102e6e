import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { change, ending, moving, reading } from './support/calls.ts'
import { handIn, LIBRARIES, outside } from './support/clients.ts'
import { count, kill, ownOf } from './support/connections.ts'
import { keyOf } from './support/keys.ts'
import { Scene } from './support/scene.ts'
import { Watching } from './support/watching.ts'

// Law 14: a write is told to those who have read the session, and costs nothing for each of the others.

const ID = 'abcdefghijklmnopqrstuvwx'
const OTHER = 'abcccccccccccccccccccccc'

let scene: Scene
let redis: RedisServer
let admin: Redis

beforeEach(async () => {
  scene = new Scene()
  redis = scene.add(await startRedis(), (server) => server.stop())
  admin = scene.add(outside(redis.url), (client) => client.disconnect())
})
afterEach(() => scene.end())

interface Told {
  readonly store: Store
  readonly watching: Watching
}

describe.each(LIBRARIES)('%s', (library) => {
  const start = async (): Promise<Told> => {
    const handedIn = scene.add(await handIn(library, redis.url), (client) => client.end())
    const store = scene.add(redisStore(handedIn.client), (one) => one.close?.())
    const watching = scene.add(new Watching(store), (one) => one.stop())
    await watching.trusted()
    watching.take()
    return { store, watching }
  }

  /** What was told until everything that had happened before was told. */
  const settled = async ({ store, watching }: Told) => {
    const last = `zz${Math.random().toString(36).slice(2)}`.padEnd(24, 'z')
    await store.read(last, reading())
    await admin.set(keyOf(last), '1 0')
    await until(() => watching.told.includes(`changed ${last}`), 'the last of it was told')
    return watching.take().filter((told) => !told.endsWith(last))
  }

  test.each([
    ['data', async (store: Store) => void (await store.write(ID, change('1')))],
    ['nothing', async () => undefined],
  ])('who has read %s is told of the next write, once; who has not is not', async (_what, begin) => {
    const [writer, reader, other] = await Promise.all([start(), start(), start()])
    await begin(writer.store)
    await reader.store.read(ID, reading())
    await other.store.read(OTHER, reading())
    await writer.store.write(ID, change('2'))
    await writer.store.write(ID, change('3'))

    expect(await settled(reader)).toEqual([`changed ${ID}`])
    expect(await settled(other)).toEqual([])
    expect(await settled(writer)).toEqual([])
    // And again, after it has read again.
    await reader.store.read(ID, reading())
    await writer.store.write(ID, change('4'))
    expect(await settled(reader)).toEqual([`changed ${ID}`])
  })

  test("one's own write, touch and read with a touch are not told, and the next write of another backend is", async () => {
    const [one, two] = await Promise.all([start(), start()])
    const own: [string, () => Promise<unknown>][] = [
      ['write', () => one.store.write(ID, change('1'))],
      ['touch', () => one.store.touch(ID, 50_000)],
      ['read with a touch', () => one.store.read(ID, reading({ touch: 60_000 }))],
    ]
    for (const [what, work] of own) {
      await work()
      expect([what, await settled(one)]).toEqual([what, []])
      await two.store.write(ID, change('2'))
      expect([what, await settled(one)]).toEqual([what, [`changed ${ID}`]])
    }
  })

  test('ends go to everybody but who made them', async () => {
    const [one, two] = await Promise.all([start(), start()])
    await one.store.write(ID, change('1'))
    await one.store.move(ID, OTHER, moving())
    await one.store.destroy(OTHER, ending())
    expect(await settled(two)).toEqual([`moved ${ID}`, `destroyed ${OTHER}`])
    expect(await settled(one)).toEqual([])
  })

  test.each(['data', 'second'] as const)(
    'the %s connection breaks: no trust until all of it stands again',
    async (which) => {
      const [one, two] = await Promise.all([start(), start()])
      const own = await ownOf(admin)
      await two.store.write(ID, change('1'))
      await two.store.read(ID, reading())
      await kill(admin, own[which])
      const lost = await until(
        () => [one, two].find(({ watching }) => watching.told.includes('down')),
        'it was noticed',
      )
      await lost.watching.trusted()
      expect(lost.watching.take()).toEqual(['down', 'up'])
      const writer = lost === one ? two : one
      await lost.store.read(ID, reading())
      await writer.store.write(ID, change('2'))
      expect(await settled(lost)).toEqual([`changed ${ID}`])
    },
  )

  test('FLUSHALL: everything may have changed', async () => {
    const one = await start()
    await admin.flushall()
    await until(() => one.watching.told.length >= 2, 'it was told')
    expect(one.watching.take()).toEqual(['down', 'up'])
  })

  test('two of one store are told of each other, and one alone again is not told of itself', async () => {
    const { store, watching } = await start()
    const second = new Watching(store)
    await second.trusted()
    expect(second.warnings).toMatchObject([{ code: 'client-settings' }])
    await until(() => watching.isTrusted, 'both are')
    watching.take()
    await store.write(ID, change('1'))
    await store.read(ID, reading())
    await store.write(ID, change('2'))
    await until(() => second.told.includes(`changed ${ID}`), 'it was told')
    second.stop()
    await watching.trusted()
    watching.take()
    await store.write(ID, change('3'))
    expect(await settled({ store, watching })).toEqual([])
  })

  test('twelve stores over one client: no listener on it, no warning, no state of its connection', async () => {
    const warned: string[] = []
    const hear = ({ name }: Error) => void warned.push(name)
    process.on('warning', hear)
    scene.add(hear, () => process.off('warning', hear))
    const handedIn = scene.add(await handIn(library, redis.url), (client) => client.end())
    const emitter = handedIn.client as unknown as NodeJS.EventEmitter
    const listeners = () => emitter.eventNames().map((name) => [name, emitter.listenerCount(name)])
    const before = { clients: await count(admin), listeners: listeners() }
    const stores = Array.from({ length: 12 }, () => redisStore(handedIn.client))
    const watchings = stores.map((store) => new Watching(store))
    await Promise.all(watchings.map((one) => one.trusted()))
    expect(await count(admin)).toBe(before.clients + 24)
    expect(listeners()).toEqual(before.listeners)
    expect(JSON.stringify(await handedIn.command(['CLIENT', 'TRACKINGINFO']))).toContain('"off"')

    for (const one of watchings) one.stop()
    await until(async () => (await count(admin)) === before.clients, 'nothing of it is left')
    expect(listeners()).toEqual(before.listeners)
    expect(await handedIn.command(['PING'])).toBe('PONG')
    expect(warned).toEqual([])
  })

  test('a client that was never connected does, and stays so', async () => {
    const handedIn = scene.add(await handIn(library, redis.url, { unconnected: true }), (client) => client.end())
    const store = redisStore(handedIn.client)
    await store.write(ID, change('1'))
    expect(await store.read(ID, reading())).toMatchObject({ kind: 'found', version: 1 })
    await store.close?.()
    expect(handedIn.isReady()).toBe(false)
    await until(async () => (await count(admin)) === 1, 'nothing of it is left')
  })
})
