import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ensureBuilt } from '../package/support/built.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Framework, killAll, SECRET, type Shop, startShop } from './support/shop.ts'
import { Visitor } from './support/visitor.ts'

const frameworks: readonly Framework[] = ['express', 'koa']

/** `limpet=`, the token's format, the key's id and the session's id. */
const ID_END = 7 + 1 + 4 + 24

describe.each(frameworks)('the %s example while Redis does not answer', (framework) => {
  let redis: RedisServer
  let shops: Shop[] = []

  beforeAll(async () => {
    await ensureBuilt()
    redis = await startRedis()
    const env = { REDIS_URL: redis.url, LIMPET_SECRET: SECRET }
    shops = await Promise.all([startShop(framework, env), startShop(framework, env)])
  }, 180_000)
  afterEach(() => redis.resume())
  afterAll(async () => {
    killAll()
    await redis.stop()
  })

  test('a friendly 503 with the cookie, and the visitor is still logged in afterwards', async () => {
    const [a, b] = shops as [Shop, Shop]
    const ada = new Visitor()
    await ada.post(a, '/login', { name: 'ada', password: 'limpet' })
    await ada.post(a, '/cart', { sku: 'net' })
    const cookie = ada.cookie()

    redis.pause()
    const refused = await ada.post(a, '/cart', { sku: 'net' })
    expect(refused).toMatchObject({ status: 503, cookies: [expect.stringContaining('limpet=')] })
    expect(refused.headers.get('retry-after')).toBe('2')
    expect(refused.text).toContain('<h1>Back in a moment</h1>')
    expect(refused.text).not.toContain('ERR_LIMPET')
    // A backend that has never seen this session has nothing to show.
    expect((await ada.get(b, '/cart')).status).toBe(503)
    expect(ada.cookie().slice(0, ID_END)).toBe(cookie.slice(0, ID_END))

    redis.resume()
    for (const shop of [a, b]) {
      await vi.waitFor(async () => expect(await ada.get(shop, '/cart')).toMatchObject({ status: 200, user: 'ada' }), {
        timeout: 15_000,
        interval: 100,
      })
    }
    // The refused step did not happen later.
    await vi.waitFor(async () => expect((await ada.post(b, '/cart', { sku: 'towel' })).status).toBe(303), {
      timeout: 15_000,
      interval: 100,
    })
    expect((await ada.get(a, '/cart')).cart).toEqual({ net: 1, towel: 1 })
  })

  test('a Redis that comes back empty: the visitor is told', async () => {
    const [a] = shops as [Shop]
    const ada = new Visitor()
    await ada.post(a, '/cart', { sku: 'net' })
    await redis.kill()
    await redis.restart()
    await vi.waitFor(
      async () => {
        const page = await ada.get(a, '/cart')
        expect(page).toMatchObject({ status: 200, cart: {} })
        expect(page.text).toContain('Some of your latest changes were lost')
      },
      { timeout: 15_000, interval: 100 },
    )
    expect(await ada.post(a, '/cart', { sku: 'towel' })).toMatchObject({ status: 303 })
    expect((await ada.get(a, '/cart')).cart).toEqual({ towel: 1 })
  })
})
