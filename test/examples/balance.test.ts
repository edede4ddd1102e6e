import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { ensureBuilt } from '../package/support/built.ts'
import { type Framework, killAll, SECRET, type Shop, startScript, startShop } from './support/shop.ts'
import { Visitor } from './support/visitor.ts'

const frameworks: readonly Framework[] = ['express', 'koa']

describe.each(frameworks)('the README of the %s example: three behind a balancer', (framework) => {
  let shops: Shop[] = []
  let balancer: Shop

  beforeAll(async () => {
    await ensureBuilt()
    const env = { REDIS_URL: inject('redisUrl'), LIMPET_SECRET: SECRET }
    shops = await Promise.all(['b1', 'b2', 'b3'].map((id) => startShop(framework, { ...env, BACKEND_ID: id })))
    const ports = shops.map((shop) => new URL(shop.url).port)
    balancer = await startScript([`examples/${framework}/balance.ts`, ...ports])
  }, 180_000)
  afterAll(killAll)

  test('every backend answers in turn, the session holds, and goes on when one of them stops', async () => {
    const ada = new Visitor()
    await ada.post(balancer, '/login', { name: 'ada', password: 'limpet' })
    await ada.post(balancer, '/cart', { sku: 'net' })
    const seen = new Set<string | undefined>()
    for (let i = 0; i < 6; i++) {
      const page = await ada.get(balancer, '/cart')
      expect(page).toMatchObject({ status: 200, user: 'ada', cart: { net: 1 } })
      seen.add(page.backend)
    }
    expect([...seen].sort()).toEqual(['b1', 'b2', 'b3'])

    expect(await shops[0]?.stop()).toEqual({ code: 0, signal: null })
    for (let i = 1; i <= 6; i++) {
      expect(await ada.post(balancer, '/cart', { sku: 'net' })).toMatchObject({ status: 303 })
      const page = await ada.get(balancer, '/cart')
      expect(page).toMatchObject({ user: 'ada', cart: { net: 1 + i } })
      expect(page.backend).not.toBe('b1')
    }
    expect(await balancer.stop()).toEqual({ code: 0, signal: null })
  })
})
