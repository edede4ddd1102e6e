import type { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { calls, LIBRARIES, outside } from './support/clients.ts'
import { stage } from './support/scene.ts'

describe.concurrent.each(LIBRARIES)('%s: Redis is killed', (library) => {
  test('and gone: reads come from copies and say so, writes were surely not done', async ({ onTestFinished }) => {
    const { scene, redis } = await stage(onTestFinished)
    const { backend } = await scene.backend(library, redis.url)
    const browser = new Browser()
    const { id } = await browser.visit(backend, (sticky) => sticky.session.set('cart', 'one'))

    await redis.kill()
    await until(() => backend.invalidation === 'down', 'it was noticed')
    const [read, write] = await Promise.all([
      browser.fork().visit(backend, async ({ session }) => [await session.get('cart'), session.stale]),
      browser.fork().visit(backend, ({ session }) => session.set('cart', 'two')),
    ])
    const logout = await browser.fork().visit(backend, ({ session }) => session.destroy())

    expect(read).toMatchObject({ value: ['one', true], id })
    expect(write).toMatchObject({ error: { code: 'ERR_LIMPET_STORE', applied: false }, id })
    expect(logout).toMatchObject({ error: { code: 'ERR_LIMPET_STORE', applied: false } })
    // The client's cookie is replaced all the same.
    expect(logout.setCookie).toHaveLength(1)
    expect(logout.id).not.toBe(id)
  })

  test('and comes back empty: what was lost is said to who had seen it, and nothing pretends afterwards', async ({
    onTestFinished,
  }) => {
    const { scene, redis } = await stage(onTestFinished)
    const one = await scene.backend(library, redis.url)
    const two = await scene.backend(library, redis.url)
    const browser = new Browser()
    for (const cart of ['a', 'b', 'c']) await browser.visit(one.backend, ({ session }) => session.set('cart', cart))
    const otherTab = browser.fork()

    await redis.restart()
    await until(() => [one, two].every(({ backend }) => backend.invalidation === 'up'), 'both are connected again')
    const read = await browser.visit(two.backend, async ({ session }) => [await session.get('cart'), session.behind])
    const next = await browser.visit(one.backend, async ({ session }) => [await session.get('cart'), session.behind])
    await browser.visit(one.backend, ({ session }) => session.set('cart', 'd'))
    const last = await browser.visit(two.backend, async ({ session }) => [await session.get('cart'), session.behind])

    expect(read).toMatchObject({ value: [null, true], error: undefined })
    expect(two.backend.ofType('behind')).toEqual([{ type: 'behind', id: read.id, seen: 3, lost: 3 }])
    expect(next.value).toEqual([null, false])
    expect(last.value).toEqual(['d', false])
    // Who had seen it too hears of it too.
    const other = await otherTab.visit(two.backend, async ({ session }) => [await session.get('cart'), session.behind])
    expect(other.value).toEqual(['d', true])
    expect(one.backend.ofType('behind')).toEqual([])
  })

  test('and comes back empty, and the first thing that reaches it is a write', async ({ onTestFinished }) => {
    const { scene, redis } = await stage(onTestFinished)
    const { backend } = await scene.backend(library, redis.url)
    const browser = new Browser()
    await browser.visit(backend, ({ session }) => session.set({ cart: 'a', name: 'n' }))

    await redis.restart()
    await until(() => backend.invalidation === 'up', 'the store is connected again')
    const write = await browser.visit(backend, async ({ session }) => {
      await session.set('cart', 'b')
      return session.behind
    })
    const read = await browser.visit(backend, ({ session }) => session.all())

    expect(write.value).toBe(true)
    expect(backend.ofType('behind')).toMatchObject([{ type: 'behind', id: write.id, lost: 1 }])
    expect(read.value).toEqual({ cart: 'b' })
  })

  test('and comes back with its append-only file: nothing is lost', async ({ onTestFinished }) => {
    const { scene, redis } = await stage(onTestFinished, ['--appendonly', 'yes', '--appendfsync', 'always'])
    const { backend } = await scene.backend(library, redis.url)
    const browser = new Browser()
    for (let n = 1; n <= 5; n++) await browser.visit(backend, ({ session }) => session.set('count', n))

    await redis.restart()
    await until(() => backend.invalidation === 'up', 'the store is connected again')
    const read = await browser.visit(backend, async ({ session }) => [await session.get('count'), session.behind])

    expect(read).toMatchObject({ value: [5, false], error: undefined })
    expect(backend.ofType('behind')).toEqual([])
  })

  test('and takes its time to load: refused, then as before', async ({ onTestFinished }) => {
    const { scene, redis, admin } = await stage(onTestFinished, ['--loading-process-events-interval-bytes', '1024'])
    const { backend } = await scene.backend(library, redis.url)
    const browser = new Browser()
    const { id } = await browser.visit(backend, (sticky) => sticky.session.set('cart', 'one'))
    await fill(admin, 700)
    await admin.save()

    const loaded = redis.restart(['--key-load-delay', '5000'])
    await until(() => backend.invalidation === 'down', 'the restart is noticed')
    await until(async () => (await info(redis.port)).includes('loading:1'), 'Redis is loading')
    const [read, write] = await Promise.all([
      browser.fork().visit(backend, async ({ session }) => [await session.get('cart'), session.stale]),
      browser.fork().visit(backend, ({ session }) => session.set('cart', 'two')),
    ])
    const wasLoading = (await info(redis.port)).includes('loading:1')
    await loaded

    expect(wasLoading).toBe(true)
    expect(read).toMatchObject({ value: ['one', true], id })
    expect(write).toMatchObject({ error: { code: 'ERR_LIMPET_STORE', applied: false }, id })
    await until(() => backend.invalidation === 'up', 'the store is connected again')
    await until(
      () => browser.visit(backend, ({ session }) => session.set('cart', 'two')).then((a) => !a.error),
      'writes work',
    )
    const after = await browser.visit(backend, async ({ session }) => [await session.get('cart'), session.behind])
    expect(after.value).toEqual(['two', false])
  })
})

describe.concurrent.each(LIBRARIES)('%s: the client has no connection yet', (library) => {
  test('the first requests wait for it, and it is one wait for all of them', async ({ onTestFinished }) => {
    const { scene, redis, admin } = await stage(onTestFinished)
    await redis.kill()
    const warnings: string[] = []
    const hear = ({ name }: Error) => name === 'MaxListenersExceededWarning' && warnings.push(name)
    process.on('warning', hear)
    scene.add(hear, () => process.off('warning', hear))
    const { backend } = await scene.backend(library, redis.url, { now: true, sticky: { storeTimeout: '10s' } })
    const answers = Array.from({ length: 40 }, () => new Browser().visit(backend, ({ session }) => session.set('a', 1)))
    const asked = new Promise<void>((resolve) => setImmediate(resolve))

    await asked
    await redis.restart()
    const errors = (await Promise.all(answers)).map(({ error }) => error)

    expect(errors).toEqual(Array(40).fill(undefined))
    expect(await admin.dbsize()).toBe(40)
    // There is one for more than ten listeners of an event.
    expect(warnings).toEqual([])
  })

  test('and does not get one: the write was surely not done, and is not done later', async ({ onTestFinished }) => {
    const { scene, redis, admin } = await stage(onTestFinished)
    await redis.kill()
    const { backend } = await scene.backend(library, redis.url, {
      now: true,
      sticky: { storeTimeout: '300ms' },
    })
    const write = await new Browser().visit(backend, ({ session }) => session.set('a', 1))
    await redis.restart()
    await until(() => backend.invalidation === 'up', 'the store is connected')

    expect(write.error).toMatchObject({ code: 'ERR_LIMPET_STORE', applied: false })
    expect(await admin.dbsize()).toBe(0)
    expect(await calls(admin, 'evalsha')).toBe(0)
  })
})

async function fill(admin: Redis, keys: number): Promise<void> {
  const pipeline = admin.pipeline()
  for (let i = 0; i < keys; i++) pipeline.set(`filler:${i}`, 'x'.repeat(1000))
  await pipeline.exec()
}

/** INFO from a connection that does not wait until Redis has loaded. */
async function info(port: number): Promise<string> {
  const looking = outside(`redis://127.0.0.1:${port}`)
  looking.options.enableReadyCheck = false
  try {
    return await looking.info('persistence')
  } finally {
    looking.disconnect()
  }
}
