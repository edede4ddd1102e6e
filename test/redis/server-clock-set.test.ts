import type { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { startShiftedRedis } from '../support/redis-clock.ts'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { LIBRARIES, type Library, outside } from './support/clients.ts'
import { Scene } from './support/scene.ts'

/** Seconds. */
const [MINUTE, DAY] = [60, 24 * 60 * 60]

/** Two backends, and a Redis whose clock the test sets. */
async function stageWithClock(library: Library) {
  const scene = new Scene()
  const { redis, shift } = await startShiftedRedis()
  scene.add(redis, (server) => server.stop())
  const admin: Redis = scene.add(outside(redis.url), (client) => client.disconnect())
  const sticky = { idleTimeout: '30d' } as const
  const one = (await scene.backend(library, redis.url, { sticky })).backend
  const two = (await scene.backend(library, redis.url, { sticky })).backend
  /** Sets the clock, and waits until the server shows it. */
  const set = async (seconds: number) => {
    shift(seconds)
    await until(async () => {
      const [now = 0] = await admin.time()
      return Math.abs(Number(now) - Date.now() / 1000 - seconds) < 2
    }, `the clock of Redis is ${seconds} s off`)
  }
  return { one, two, set, scene }
}

describe.concurrent.each(LIBRARIES)("%s: Redis' own clock is set (law 13)", (library) => {
  test.each([-2 * MINUTE, 2 * MINUTE, -2 * DAY, 2 * DAY])(
    'by %d s: sessions live on, on both backends, through reads, writes, a change of id and a logout',
    async (seconds) => {
      const { one, two, set, scene } = await stageWithClock(library)
      try {
        const browser = new Browser()
        const bystander = new Browser()
        await browser.visit(one, ({ session }) => session.set('cart', 'one'))
        await bystander.visit(two, ({ session }) => session.set('cart', 'theirs'))
        const { id } = await browser.visit(one, ({ id }) => id).then(({ value }) => ({ id: value }))

        await set(seconds)
        // Whatever each backend believes at this moment: nobody's session ends, and what is awaited is saved or was surely not done.
        for (const backend of [one, two, one, two]) {
          const read = await browser.visit(backend, async ({ id, session }) => [id, await session.get('cart')])
          expect(read).toMatchObject({ value: [id, 'one'], error: undefined })
        }
        const write = (backend: typeof one, value: string) => () =>
          browser.visit(backend, ({ session }) => session.set('cart', value)).then(({ error }) => error === undefined)
        await until(write(one, 'two'), 'the one backend writes again')
        await until(write(two, 'three'), 'the other backend writes again')
        for (const backend of [one, two]) {
          const read = await browser.visit(backend, async ({ id, session }) => [
            id,
            await session.get('cart'),
            session.behind,
          ])
          expect(read.value).toEqual([id, 'three', false])
        }

        const old = browser.fork()
        await browser.visit(two, (sticky) => sticky.regenerate({ user: 'ada' }))
        const read = await browser.visit(one, async ({ session }) => session.all())
        expect(read.value).toEqual({ cart: 'three', user: 'ada' })
        expect((await old.visit(one, ({ session }) => session.all())).value).toEqual({})

        const loggedOut = browser.fork()
        expect(await browser.visit(one, ({ session }) => session.destroy())).toMatchObject({ error: undefined })
        for (const backend of [one, two]) {
          expect((await loggedOut.fork().visit(backend, ({ session }) => session.all())).value).toEqual({})
        }
        expect((await bystander.visit(one, ({ session }) => session.get('cart'))).value).toBe('theirs')
      } finally {
        await scene.end()
      }
    },
  )

  test('set back and forth while a session is in use: it is neither lost nor ended', async ({ onTestFinished }) => {
    const { one, two, set, scene } = await stageWithClock(library)
    onTestFinished(() => scene.end())
    const browser = new Browser()
    await browser.visit(one, ({ session }) => session.set('count', 0))
    let count = 0
    for (const seconds of [-10 * MINUTE, 10 * MINUTE, 0]) {
      await set(seconds)
      for (const backend of [one, two]) {
        await until(async () => {
          const { error } = await browser.visit(backend, ({ session }) =>
            session.update('count', (value) => Number(value) + 1),
          )
          return error === undefined
        }, 'it writes')
        count++
        expect((await browser.visit(backend, ({ session }) => session.get('count'))).value).toBe(count)
      }
    }
  })
})
