import { describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { calls, LIBRARIES } from './support/clients.ts'
import { textOf } from './support/keys.ts'
import { stage } from './support/scene.ts'

describe.concurrent.each(LIBRARIES)('Redis takes connections and answers nothing: %s', (library) => {
  test('a read says that it is stale, a write rejects, the cookie stays, and nothing happens later', async ({
    onTestFinished,
  }) => {
    const { scene, redis, admin } = await stage(onTestFinished)
    const { backend } = await scene.backend(library, redis.url, {
      sticky: { consistency: 'strict' },
    })
    const browser = new Browser()
    const { id = '' } = await browser.visit(backend, (sticky) => sticky.session.set('cart', 'one'))
    await browser.visit(backend, (sticky) => sticky.session.get('cart'))

    redis.pause()
    const [read, write] = await Promise.all([
      browser.fork().visit(backend, async ({ session }) => [await session.get('cart'), session.stale]),
      browser.visit(backend, (sticky) => sticky.session.set('cart', 'two')),
    ])
    redis.resume()
    // What it had received before runs first.
    await until(() => (backend.invalidation === 'up' ? admin.ping() : ''), 'Redis answers again')

    expect(read.value).toEqual(['one', true])
    expect(write.error).toMatchObject({ code: 'ERR_LIMPET_STORE', applied: 'unknown' })
    expect(write.id).toBe(id)
    expect(write.setCookie).toHaveLength(1)
    expect(await textOf(admin, id, 'cart')).toBe('"one"')

    await until(
      () => browser.visit(backend, ({ session }) => session.set('cart', 'three')).then((a) => !a.error),
      'writes work',
    )
    const after = await browser.visit(backend, async ({ session }) => [await session.get('cart'), session.stale])
    expect(after).toMatchObject({ value: ['three', false], id })
  })
})

describe.concurrent.each(LIBRARIES)('Redis does not answer for a while: %s', (library) => {
  test('after a few failures requests do not wait for it any more', async ({ onTestFinished }) => {
    const { scene, redis, admin } = await stage(onTestFinished)
    const { backend } = await scene.backend(library, redis.url, {
      sticky: { consistency: 'strict', storeTimeout: '500ms' },
    })
    const browsers = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const browser = new Browser()
        await browser.visit(backend, (sticky) => sticky.session.set('name', 'kept'))
        await browser.visit(backend, (sticky) => sticky.session.get('name'))
        return browser
      }),
    )
    const before = await calls(admin, 'get')

    redis.pause()
    const first = await Promise.all(
      browsers.slice(0, 5).map((one) => one.visit(backend, ({ session }) => session.get('name'))),
    )
    const skipped = backend.ofType('store-failed').length
    const rest = await Promise.all(browsers.map((one) => one.visit(backend, ({ session }) => session.get('name'))))
    const states = backend.ofType('store-breaker').map(({ state }) => state)
    redis.resume()

    expect([...first, ...rest].map(({ value }) => value)).toEqual(Array(35).fill('kept'))
    expect(states[0]).toBe('open')
    const untried = backend
      .ofType('store-failed')
      .slice(skipped)
      .filter(({ error }) => error.message.includes('not tried'))
    // All but perhaps a probe or two, when this machine is slow.
    expect(untried.length).toBeGreaterThanOrEqual(25)
    expect((await calls(admin, 'get')) - before).toBeLessThanOrEqual(10)

    await until(async () => {
      await browsers[0]?.visit(backend, ({ session }) => session.get('name'))
      return backend.ofType('store-breaker').at(-1)?.state === 'closed'
    }, 'the store is used again')
  })
})
