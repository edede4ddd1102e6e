import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ensureBuilt } from '../package/support/built.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { browser, cookiesOf, idOf } from './support/browser.ts'
import { frameworks, killAll, SECRET, startShop } from './support/shop.ts'

const patient = { timeout: 15_000, interval: 100 }

describe.each(frameworks)('the %s example while Redis does not answer', (framework) => {
  let redis: RedisServer
  let [a, b] = ['', '']

  beforeAll(async () => {
    await ensureBuilt()
    redis = await startRedis()
    const env = { REDIS_URL: redis.url, LIMPET_SECRET: SECRET }
    const shops = await Promise.all([startShop(framework, env), startShop(framework, env)])
    ;[a = '', b = ''] = shops.map(({ url }) => url)
  }, 180_000)
  afterEach(() => redis.resume())
  afterAll(async () => {
    killAll()
    await redis.stop()
  })

  test('503 with the cookie, and the visitor is still logged in afterwards', async () => {
    const ada = browser()
    await ada.post(`${a}/login`).send({ name: 'ada', password: 'limpet' }).expect(303)
    const before = await ada.post(`${a}/cart`).send({ item: 'net' }).expect(200)

    redis.pause()
    const refused = await ada.post(`${a}/cart`).send({ item: 'net' }).expect(503).expect('Retry-After', '2')
    expect(cookiesOf(refused)).toHaveLength(1)
    expect(refused.body.error).toMatch(/\w/)
    expect(refused.text).not.toContain('ada')
    // A backend that has never seen this session has nothing to show.
    const unseen = await ada.get(`${b}/`).expect(503)
    expect([idOf(refused), idOf(unseen)]).toEqual([idOf(before), idOf(before)])

    redis.resume()
    for (const url of [a, b]) {
      await vi.waitFor(async () => expect((await ada.get(`${url}/`).expect(200)).body.user).toBe('ada'), patient)
    }
    // The refused step did not happen later.
    await vi.waitFor(() => ada.post(`${b}/cart`).send({ item: 'towel' }).expect(200), patient)
    expect((await ada.get(`${a}/`)).body.cart).toEqual({ net: 1, towel: 1 })
  })

  test('a Redis that comes back empty: the visitor can be told', async () => {
    const ada = browser()
    await ada.post(`${a}/cart`).send({ item: 'net' }).expect(200)
    await redis.kill()
    await redis.restart()
    await vi.waitFor(
      async () => expect((await ada.get(`${a}/`).expect(200)).body).toMatchObject({ cart: {}, behind: true }),
      patient,
    )
    await ada.post(`${a}/cart`).send({ item: 'towel' }).expect(200)
    expect((await ada.get(`${a}/`)).body).toMatchObject({ cart: { towel: 1 }, behind: false })
  })
})
