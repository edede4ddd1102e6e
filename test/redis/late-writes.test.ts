import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { StoreError } from '../../src/core/errors.ts'
import type { Change } from '../../src/ports/store.ts'
import { ServerClock } from '../../src/redis/server-clock.ts'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { calls, handIn, LIBRARIES, outside } from './support/clients.ts'
import { stored, textOf } from './support/keys.ts'
import { Scene } from './support/scene.ts'

const ID = 'abcdefghijklmnopqrstuvwx'
const TTL = 60_000
const ending = { seen: 0, ttl: TTL, tombstoneTtl: TTL, markTtl: TTL, within: 200, age: 0 }

let scene: Scene
let redis: RedisServer
let admin: Redis

beforeEach(async () => {
  scene = new Scene()
  redis = scene.add(await startRedis(['--enable-debug-command', 'yes']), (server) => server.stop())
  admin = scene.add(outside(redis.url), (client) => client.disconnect())
  await until(() => admin.ping(), 'Redis answers')
})
afterEach(async () => {
  vi.restoreAllMocks()
  await scene.end()
})

function change(text: string, within: number, seen = 0): Change {
  return { set: new Map([['a', text]]), delete: [], expect: undefined, maxBytes: 1000, seen, ttl: TTL, within }
}

const failure = (promise: Promise<unknown>): Promise<StoreError> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error) => error,
  )

describe.each(LIBRARIES)('%s: Redis receives a write too late', (library) => {
  const start = async () => {
    const handedIn = scene.add(await handIn(library, redis.url), (one) => one.end())
    const store = scene.add(redisStore(handedIn.client), (one) => one.close?.())
    await store.write(ID, change('"first"', 1000))
    // On the store's own connection, so that what the store sends next surely comes after it.
    return { store, queue: handedIn.command }
  }

  test.each([
    ['it was busy', ['DEBUG', 'SLEEP', '0.6']],
    ['it held commands back', ['CLIENT', 'PAUSE', '600', 'ALL']],
    ['it held writes back', ['CLIENT', 'PAUSE', '600', 'WRITE']],
  ])('because %s, and refuses it', async (_why, [name = '', ...args]) => {
    const { store, queue } = await start()
    const busy = name === 'CLIENT' ? admin.call(name, args) : queue([name, ...args])
    if (name === 'CLIENT') await busy
    const errors = await Promise.all([
      failure(store.write(ID, change('"second"', 200))),
      failure(store.destroy(ID, ending)),
      failure(store.move(ID, `ab${'z'.repeat(22)}`, { ...ending, set: new Map(), maxBytes: 1000 })),
    ])
    await busy

    for (const error of errors) {
      expect(error).toBeInstanceOf(StoreError)
      expect(error).toMatchObject({ applied: false, outage: true })
    }
    expect(await stored(admin, ID)).toMatchObject({ version: 1, entries: new Map([['a', '"first"']]) })
    expect(await admin.dbsize()).toBe(1)
    await expect(store.write(ID, change('"third"', 1000))).resolves.toMatchObject({ kind: 'written', version: 2 })
  })

  test('a read that nobody waits for any more does not hide what was lost', async () => {
    const { store, queue } = await start()
    await admin.flushall()
    const busy = queue(['DEBUG', 'SLEEP', '0.6'])
    // As the engine would give it up after 200 ms.
    const how = { seen: 1, touch: 1000, ttl: TTL, within: 200 }
    expect(await failure(store.read(ID, how))).toMatchObject({ applied: false })
    await busy

    expect(await store.read(ID, { ...how, within: 1000 } as typeof how)).toMatchObject({ kind: 'found', behind: 1 })
  })

  test('clocks that have drifted apart are measured again, and the write is done after all', async () => {
    const { store } = await start()
    const measured = await calls(admin, 'time')
    const real = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => real() - 3_600_000)
    await expect(store.write(ID, change('"second"', 1000))).resolves.toMatchObject({ version: 2 })

    expect(await textOf(admin, ID, 'a')).toBe('"second"')
    // Three to measure, and one in each script: the one that was refused and the one that was not.
    expect((await calls(admin, 'time')) - measured).toBe(5)
  })

  test("the server's clock is asked once, not for each write", async () => {
    const { store } = await start()
    const before = await calls(admin, 'time')
    for (let n = 0; n < 5; n++) await store.write(ID, change(String(n), 1000))
    // One in each script.
    expect((await calls(admin, 'time')) - before).toBe(5)
  })
})

describe('the clock of the server', () => {
  const HOUR = 3_600_000

  test.each([-HOUR, 0, HOUR])('is met to within half a round trip when it is %i ms off', async (offset) => {
    let now = 1000
    const roundTrips = [
      [30, 90],
      [4, 6],
      [200, 10],
    ].flat()
    const clock = new ServerClock(
      async () => {
        now += roundTrips.shift() ?? 0
        const answer = now + offset
        now += roundTrips.shift() ?? 0
        return answer
      },
      3,
      () => now,
    )
    const deadline = await clock.at(5000)
    // Never later than the truth: a write that is told to have failed must not happen.
    expect(deadline).toBeLessThanOrEqual(5000 + offset)
    expect(deadline).toBeGreaterThanOrEqual(5000 + offset - 8)
    expect(clock.at(6000)).toBe(deadline + 1000)
  })

  test('is asked again after it could not be asked', async () => {
    let asked = 0
    const clock = new ServerClock(async () => {
      if (asked++ === 0) throw new Error('no')
      return 0
    }, 1)
    await expect(clock.at(0)).rejects.toThrow('no')
    await expect(clock.at(0)).resolves.toBeTypeOf('number')
  })
})
