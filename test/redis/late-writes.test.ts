import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { StoreError } from '../../src/core/errors.ts'
import { ServerClock } from '../../src/redis/server-clock.ts'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { change as changing, ending, moving, reading } from './support/calls.ts'
import { calls, handIn, LIBRARIES, outside } from './support/clients.ts'
import { textOf } from './support/keys.ts'
import { Scene } from './support/scene.ts'
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
  await until(() => admin.ping(), 'Redis answers')
})
afterEach(async () => {
  vi.restoreAllMocks()
  await scene.end()
})

const change = (text: string, within: number) => changing(text, { within })

/** Redis does nothing for so many milliseconds. */
async function standStill(ms: number): Promise<void> {
  redis.pause()
  await new Promise((resolve) => setTimeout(resolve, ms))
  redis.resume()
}

const failure = (promise: Promise<unknown>): Promise<StoreError> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error) => error,
  )

describe.each(LIBRARIES)('%s: Redis receives a write too late', (library) => {
  const start = async () => {
    const handedIn = scene.add(await handIn(library, redis.url, { unconnected: true }), (one) => one.end())
    const store = scene.add(redisStore(handedIn.client), (one) => one.close?.())
    await store.write(ID, change('"first"', 1000))
    return store
  }

  test.each<[string, readonly string[] | undefined]>([
    ['it stood still', undefined],
    ['it held commands back', ['CLIENT', 'PAUSE', '600', 'ALL']],
    ['it held writes back', ['CLIENT', 'PAUSE', '600', 'WRITE']],
  ])('because %s, and refuses it', async (_why, command) => {
    const store = await start()
    const busy = command ? admin.call(command[0] ?? '', command.slice(1)) : standStill(600)
    if (command) await busy
    const errors = await Promise.all([
      failure(store.write(ID, change('"second"', 200))),
      failure(store.destroy(ID, ending({ within: 200 }))),
      failure(store.move(ID, `ab${'z'.repeat(22)}`, moving({ within: 200 }))),
    ])
    await busy

    for (const error of errors) {
      expect(error).toBeInstanceOf(StoreError)
      expect(error).toMatchObject({ applied: false, outage: true })
    }
    expect(await textOf(admin, ID, 'a')).toBe('"first"')
    expect(await admin.dbsize()).toBe(1)
    await expect(store.write(ID, change('"third"', 1000))).resolves.toMatchObject({ kind: 'written', version: 2 })
  })

  test('a read that nobody waits for any more does not hide what was lost', async () => {
    const store = await start()
    await admin.flushall()
    const busy = standStill(600)
    // As the engine would give it up after 200 ms.
    const how = reading({ seen: 1, touch: 1000 })
    expect(await failure(store.read(ID, { ...how, within: 200 }))).toMatchObject({ applied: false })
    await busy

    expect(await store.read(ID, { ...how, within: 1000 })).toMatchObject({ kind: 'found', behind: 1 })
  })

  test('clocks that have drifted apart are measured again, and the write is done after all', async () => {
    const store = await start()
    const real = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => real() - 3_600_000)
    await expect(store.write(ID, change('"second"', 1000))).resolves.toMatchObject({ version: 2 })
    expect(await textOf(admin, ID, 'a')).toBe('"second"')
  })

  test("the server's clock is not asked for each write", async () => {
    const store = await start()
    const before = await calls(admin, 'time')
    for (let n = 0; n < 50; n++) await store.write(ID, change(String(n), 1000))
    // One in each script, and perhaps a measurement because time has passed.
    expect((await calls(admin, 'time')) - before).toBeLessThanOrEqual(50 + 3)
  })

  test("a server's clock that is set back: a write that comes too late is refused all the same", async () => {
    const wire = scene.add(await Wire.start(redis.port), (one) => one.stop())
    const handedIn = scene.add(await handIn(library, wire.url, { unconnected: true }), (one) => one.end())
    const store = scene.add(redisStore(handedIn.client), (one) => one.close?.())
    const watching = scene.add(new Watching(store), (one) => one.stop())
    await watching.trusted()
    const { now = () => undefined } = store
    expect(Math.abs(Number(now()) - Date.now())).toBeLessThan(1000)
    // From here on it is three hours earlier there, as far as anybody can ask.
    const hours = 3 * 3600
    wire.lies = [
      [/\*2\r\n\$10\r\n(\d{10})\r\n/, (found) => found.replace(/\d{10}/, (text) => String(Number(text) - hours))],
    ]
    await until(() => Number(now()) < Date.now() - (hours - 10) * 1000, 'it is believed, since it was measured twice')
    expect(watching.told).toEqual(['up'])
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

  function fake(samples = 1) {
    const it = { now: 1000, offset: 0, asked: 0 }
    const clock = new ServerClock(
      async () => {
        it.asked++
        return it.now + it.offset
      },
      samples,
      () => it.now,
    )
    return { it, clock }
  }

  test('is unknown until it was measured', async () => {
    const { it, clock } = fake()
    expect(clock.now()).toBeUndefined()
    it.offset = HOUR
    await clock.measure()
    expect(clock.now()).toBe(1000 + HOUR)
    it.now += 500
    expect(clock.now()).toBe(1500 + HOUR)
  })

  test.each([-HOUR, HOUR])('that jumps by %i ms is believed when that was measured twice', async (jump) => {
    const answers = [0, jump, 0, jump, jump]
    const clock = new ServerClock(
      async () => 1000 + (answers.shift() ?? 0),
      1,
      () => 1000,
    )
    await clock.measure()
    // An answer that is off is asked about again, and was alone.
    await clock.measure()
    expect(clock.now()).toBe(1000)
    await clock.measure()
    expect(clock.now()).toBe(1000 + jump)
    expect(answers).toEqual([])
  })

  test('that drifts is measured again as time passes, beside the call that asks', async () => {
    const { it, clock } = fake()
    await clock.measure()
    for (let seconds = 0; seconds < 60; seconds++) {
      it.now += 1000
      it.offset -= 0.5
      const deadline = clock.at(it.now + 100)
      expect(deadline).toBeTypeOf('number')
      // 3 s of drift let a late write happen; what was measured a few seconds ago is milliseconds off.
      expect(Number(deadline)).toBeLessThanOrEqual(it.now + 100 + it.offset + 3)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(it.asked).toBeGreaterThanOrEqual(10)
    expect(it.asked).toBeLessThanOrEqual(13)
  })

  test('that was not asked for a minute is measured before it is used', async () => {
    const { it, clock } = fake()
    await clock.measure()
    it.now += 61_000
    it.offset = 40
    expect(await clock.at(it.now)).toBe(it.now + 39)
  })
})
