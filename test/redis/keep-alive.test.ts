import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { calls, LIBRARIES, outside } from './support/clients.ts'
import { hasEnded, keyOf } from './support/keys.ts'
import { Scene } from './support/scene.ts'

const HOUR = 3_600_000
/** What Redis keeps a session for, beyond a quarter more than idleTimeout. */
const SPARE = 60_000

let scene: Scene
let redis: RedisServer
let admin: Redis

beforeEach(async () => {
  passed = 0
  scene = new Scene()
  redis = scene.add(await startRedis(), (server) => server.stop())
  admin = scene.add(outside(redis.url), (client) => client.disconnect())
})
afterEach(async () => {
  await scene.end()
})

/** How far the clock of all backends is ahead of Redis's: what time passes, is decided here. */
let passed = 0
const pass = (milliseconds: number) => {
  passed += milliseconds
}
const around = (store: Store): Store => ({
  ...store,
  now: () => {
    const now = store.now?.()
    return now === undefined ? undefined : now + passed
  },
})

/** Hours that Redis still keeps the key for, to two digits. */
const kept = async (id: string) => Math.round(((await admin.pttl(keyOf(id))) / HOUR) * 100) / 100

const full = (hours: number) => Math.round(((hours * HOUR + SPARE) / HOUR) * 100) / 100

describe.each(LIBRARIES)('keeping alive: %s', (library) => {
  test('a read that is due renews the lifetime, in the same command, once per tenth of idleTimeout', async () => {
    const one = await scene.backend(library, redis.url, { around })
    const two = await scene.backend(library, redis.url, { around })
    const browser = new Browser()
    const { id = '' } = await browser.visit(one.backend, ({ session }) => session.set('cart', 'one'))
    expect(await kept(id)).toBe(full(30))

    // Not due yet.
    await admin.pexpire(keyOf(id), HOUR)
    pass(2 * HOUR)
    expect((await browser.visit(two.backend, ({ session }) => session.get('cart'))).value).toBe('one')
    expect(await kept(id)).toBe(1)

    // Due; the other backend's copy has gone.
    pass(HOUR)
    const third = await scene.backend(library, redis.url, { around })
    const before = await stats()
    expect((await browser.visit(third.backend, ({ session }) => session.get('cart'))).value).toBe('one')
    expect(await kept(id)).toBe(full(30))
    for (let n = 0; n < 10; n++) await browser.visit(third.backend, ({ session }) => session.get('cart'))
    const after = await stats()
    expect(after.scripts - before.scripts).toBe(1)
    expect(after.get - before.get).toBe(1)
    expect(after.pexpire - before.pexpire).toBe(1)
    expect(third.backend.ofType('store-failed')).toEqual([])
  })

  test('a request that does not read renews it off its path, once for each backend', async () => {
    const one = await scene.backend(library, redis.url, { around })
    const two = await scene.backend(library, redis.url, { around })
    const browser = new Browser()
    const { id = '' } = await browser.visit(one.backend, ({ session }) => session.set('cart', 'one'))
    const witness = browser.fork()
    await admin.pexpire(keyOf(id), HOUR)
    // A tenth of a day, but for a moment: nothing is due yet, and the copy that is read now is not old when it is.
    pass(2.4 * HOUR - 2000)
    await until(async () => {
      const before = await calls(admin, 'get')
      await witness.visit(two.backend, ({ session }) => session.get('cart'))
      return (await calls(admin, 'get')) === before
    }, 'the other backend has a current copy')
    const before = await stats()
    pass(4000)

    const answers = []
    answers.push(await browser.visit(one.backend, () => 'nothing'))
    await until(async () => (await kept(id)) === full(30), 'the lifetime was renewed')
    for (let n = 0; n < 10; n++) answers.push(await browser.visit((n % 2 ? one : two).backend, () => 'nothing'))
    const after = await stats()

    expect(after.pexpire - before.pexpire).toBeLessThanOrEqual(2)
    // None, where Redis has just told that the other backend changed the key.
    for (const answer of answers) expect([id, undefined]).toContain(answer.id)
    expect((await browser.visit(two.backend, ({ session }) => session.get('cart'))).value).toBe('one')
  })

  test('absoluteTimeout ends the session in Redis too', async () => {
    const { backend } = await scene.backend(library, redis.url, { around, sticky: { absoluteTimeout: '10h' } })
    const browser = new Browser()
    const { id = '' } = await browser.visit(backend, ({ session }) => session.set('cart', 'one'))
    expect(await kept(id)).toBe(full(10))
    pass(6 * HOUR)
    await browser.visit(backend, ({ session }) => session.get('cart'))
    await until(async () => (await kept(id)) === full(4), 'the lifetime was set to what is left')
    await browser.visit(backend, ({ session }) => session.set('cart', 'two'))
    expect(await kept(id)).toBe(full(4))

    pass(5 * HOUR)
    const late = await browser.visit(backend, (sticky) => [sticky.state, sticky.reason])
    expect(late.value).toEqual(['new', 'too-old'])
  })

  test('a tombstone lives as long as the data would have, and a renewal does not wake the dead', async () => {
    const { backend } = await scene.backend(library, redis.url, { around })
    const browser = new Browser()
    const { id = '' } = await browser.visit(backend, ({ session }) => session.set('cart', 'one'))
    const old = browser.fork()
    await browser.visit(backend, ({ session }) => session.destroy())
    expect(await kept(id)).toBe(full(30))
    expect(await hasEnded(admin, id)).toBe(true)
    pass(3 * HOUR)
    const elsewhere = await scene.backend(library, redis.url, { around })
    const back = await old.visit(elsewhere.backend, async (sticky) => [await sticky.session.get('cart'), sticky.reason])
    expect(back.value).toEqual([null, 'destroyed'])
    expect(back.id).not.toBe(id)
  })
})

async function stats() {
  const unknown = /errorstat_NOSCRIPT:count=(\d+)/.exec(await admin.info('errorstats'))?.[1] ?? '0'
  return {
    /** That ran. */
    scripts: (await calls(admin, 'evalsha')) + (await calls(admin, 'eval')) - Number(unknown),
    // Inside scripts as well.
    pexpire: await calls(admin, 'pexpire'),
    get: await calls(admin, 'get'),
  }
}
