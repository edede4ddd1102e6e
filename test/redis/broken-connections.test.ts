import { describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { calls, LIBRARIES } from './support/clients.ts'
import { isBlocked, kill, ownOf } from './support/connections.ts'
import { hasEnded, textOf } from './support/keys.ts'
import { stage } from './support/scene.ts'
import { Wire } from './support/wire.ts'

describe.concurrent.each(LIBRARIES)('the connection breaks while a command is under way: %s', (library) => {
  test('nobody knows whether the write was done, and from then on it is not done any more', async ({
    onTestFinished,
  }) => {
    const { scene, redis, admin } = await stage(onTestFinished)
    const { backend } = await scene.backend(library, redis.url)
    const browser = new Browser()
    const { id = '' } = await browser.visit(backend, ({ session }) => session.set('cart', 'one'))
    const { data } = await ownOf(admin)

    await admin.call('CLIENT', 'PAUSE', '20000', 'WRITE')
    const writing = browser.visit(backend, ({ session }) => session.set('cart', 'two'))
    await until(() => isBlocked(admin, data), 'Redis has the write')
    await kill(admin, data)
    const write = await writing
    await admin.call('CLIENT', 'UNPAUSE')
    await until(() => backend.invalidation === 'up', 'the store is connected again')

    expect(write).toMatchObject({ error: { code: 'ERR_LIMPET_STORE', applied: 'unknown' }, id })
    expect(await textOf(admin, id, 'cart')).toBe('"one"')
    const next = await browser.visit(backend, ({ session }) => session.set('cart', 'three'))
    expect(next).toMatchObject({ error: undefined, id })
  })

  test('a write that lies unread at Redis when the connection breaks is not done after its failure was told', async ({
    onTestFinished,
  }) => {
    const { scene, redis, admin } = await stage(onTestFinished)
    const wire = scene.add(await Wire.start(redis.port), (one) => one.stop())
    const { backend } = await scene.backend(library, wire.url)
    const browser = new Browser()
    const { id = '' } = await browser.visit(backend, ({ session }) => session.set('cart', 'one'))

    redis.pause()
    const carried = wire.carried
    const writing = browser.visit(backend, ({ session }) => session.set('cart', 'two'))
    await until(() => wire.carried > carried, 'the write is on its way')
    wire.cut()
    const write = await writing
    redis.resume()
    await until(() => admin.ping(), 'Redis answers again')

    expect(write).toMatchObject({ error: { code: 'ERR_LIMPET_STORE', applied: 'unknown' }, id })
    expect(await textOf(admin, id, 'cart')).toBe('"one"')
  })

  test('an update that was done, and whose answer was lost, is not done twice', async ({ onTestFinished }) => {
    const { scene, redis, admin } = await stage(onTestFinished)
    const wire = scene.add(await Wire.start(redis.port), (one) => one.stop())
    const { backend } = await scene.backend(library, wire.url)
    const browser = new Browser()
    const { id = '' } = await browser.visit(backend, ({ session }) => session.set('count', 1))

    wire.losesAnswers = true
    const updating = browser.visit(backend, ({ session }) => session.update('count', (n) => (n as number) + 1))
    await until(async () => (await textOf(admin, id, 'count')) === '2', 'the update is done')
    wire.losesAnswers = false
    wire.cut()
    const update = await updating
    await until(() => backend.invalidation === 'up', 'the store is connected again')

    expect(update).toMatchObject({ error: { code: 'ERR_LIMPET_STORE', applied: 'unknown' }, id })
    expect(await textOf(admin, id, 'count')).toBe('2')
    const read = await browser.visit(backend, ({ session }) => session.get('count'))
    expect(read.value).toBe(2)
  })

  test('a new id that was given, and whose answer was lost, is not called a destroyed session', async ({
    onTestFinished,
  }) => {
    const { scene, redis, admin } = await stage(onTestFinished)
    const wire = scene.add(await Wire.start(redis.port), (one) => one.stop())
    const { backend } = await scene.backend(library, wire.url)
    const browser = new Browser()
    await browser.visit(backend, ({ session }) => session.set('user', 'me'))
    // Once before: Redis learns the script by an answer that must not be lost.
    const { id = '' } = await browser.visit(backend, (sticky) => sticky.regenerate())

    wire.losesAnswers = true
    const moving = browser.visit(backend, (sticky) => sticky.regenerate())
    await until(() => hasEnded(admin, id), 'the session has moved')
    wire.losesAnswers = false
    wire.cut()

    expect((await moving).error).toMatchObject({ code: 'ERR_LIMPET_STORE', applied: 'unknown' })
  })
})

test.for(LIBRARIES)(
  'a read under way is asked again, on the next connection: %s',
  async (library, { onTestFinished }) => {
    const { scene, redis, admin } = await stage(onTestFinished)
    const wire = scene.add(await Wire.start(redis.port), (one) => one.stop())
    const sticky = { storeTimeout: '60s', consistency: 'strict' } as const
    const { backend } = await scene.backend(library, wire.url, { sticky })
    const browser = new Browser()
    await browser.visit(backend, ({ session }) => session.set('cart', 'one'))

    const before = await calls(admin, 'get')
    wire.losesAnswers = true
    const reading = browser.visit(backend, async ({ session }) => [await session.get('cart'), session.stale])
    await until(async () => (await calls(admin, 'get')) > before, 'Redis has the read')
    wire.losesAnswers = false
    wire.cut()

    // ioredis leaves the promise of such a command open for ever, and the deadline is far away.
    expect((await reading).value).toEqual(['one', false])
  },
)
