import type { Response } from 'supertest'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Balancer, startBalancer } from '../../examples/balancer/balancer.ts'
import { ensureBuilt } from '../package/support/built.ts'
import { asks, browser, cookieOf, cookiesOf, idOf } from './support/browser.ts'
import { frameworks, killAll, SECRET, type Shop, startShop } from './support/shop.ts'

const ADA = { name: 'ada', password: 'limpet' }

describe.each(frameworks)('the %s example on three backends with one Redis', (framework) => {
  let shops: Shop[] = []
  let [a, b, c] = ['', '', '']
  let balancer: Balancer

  beforeAll(async () => {
    await ensureBuilt()
    const env = { REDIS_URL: inject('redisUrl'), LIMPET_SECRET: SECRET, NODE_ENV: 'production' }
    shops = await Promise.all(['b1', 'b2', 'b3'].map((id) => startShop(framework, { ...env, BACKEND_ID: id })))
    ;[a = '', b = '', c = ''] = shops.map(({ url }) => url)
    balancer = await startBalancer({ backends: [a, b, c], persistence: false })
  }, 180_000)
  afterAll(async () => {
    killAll()
    await balancer.close()
  })

  /** What each of the three shows. */
  async function everywhere(look: (url: string) => PromiseLike<Response>) {
    const pages = [await look(`${a}/`), await look(`${b}/`), await look(`${c}/`)]
    return pages.map(({ body: { backend, user, cart } }) => ({ backend, user, cart }))
  }
  const onAll = (what: { user: string | undefined; cart: Record<string, number> }) =>
    ['b1', 'b2', 'b3'].map((backend) => ({ backend, ...what }))

  test('login on one, cart on another, logout on a third', async () => {
    const ada = browser()
    const look = (url: string) => ada.get(url).expect(200)
    expect((await look(`${a}/`)).body).toMatchObject({ backend: 'b1', cart: {}, visits: 0 })
    await ada.post(`${b}/cart`).send({ item: 'net' }).expect(200)
    await ada.post(`${a}/login`).send(ADA).expect(303).expect('Location', '/')
    await ada.post(`${b}/cart`).send({ item: 'towel' }).expect(200)
    expect(await everywhere(look)).toEqual(onAll({ user: 'ada', cart: { net: 1, towel: 1 } }))
    await ada.post(`${c}/visits`).expect(200)
    expect((await ada.post(`${a}/visits`)).body.visits).toBe(2)

    const copied = cookieOf(await look(`${a}/`))
    await ada.post(`${c}/logout`).expect(303).expect('Location', '/')
    expect(await everywhere(look)).toEqual(onAll({ user: undefined, cart: {} }))
    expect(await everywhere((url) => asks(url.slice(0, -1), copied))).toEqual(onAll({ user: undefined, cart: {} }))
  })

  test('who knew the id from before the login is not logged in with it', async () => {
    const victim = browser()
    const known = cookieOf(await victim.post(`${a}/cart`).send({ item: 'bucket' }))
    await victim.post(`${b}/login`).send(ADA).expect(303)
    expect(await everywhere((url) => victim.get(url))).toEqual(onAll({ user: 'ada', cart: { bucket: 1 } }))
    expect(await everywhere((url) => asks(url.slice(0, -1), known))).toEqual(onAll({ user: undefined, cart: {} }))
  })

  test('overlapping requests on different backends lose nothing', async () => {
    const visitor = browser()
    await visitor.get(`${a}/`)
    const items = ['net', 'towel']
    const adds = Array.from({ length: 29 }, (_, i) =>
      visitor
        .post(`${[a, b, c][i % 3]}/cart`)
        .send({ item: items[i % 2] })
        .expect(200),
    )
    await Promise.all(adds)
    // One more by itself, so that the jar holds the newest token, whatever order the others came back in.
    await visitor.post(`${b}/cart`).send({ item: 'bucket' }).expect(200)
    const all = onAll({ user: undefined, cart: { net: 15, towel: 14, bucket: 1 } })
    expect(await everywhere((url) => visitor.get(url))).toEqual(all)
  })

  test.each([
    ['a look', 'GET', '/', {}, 200],
    ['no such path', 'GET', '/nowhere', {}, 404],
    ['a path that is no property of a table', 'GET', '/constructor', {}, 404],
    ['a wrong password', 'POST', '/login', { name: 'ada', password: 'barnacle' }, 401],
    ['a login without fields', 'POST', '/login', {}, 401],
    ['a login with fields of another kind', 'POST', '/login', { name: ['ada'], password: { length: 6 } }, 401],
    ['a redirect', 'POST', '/login', ADA, 303],
    ['something we do not sell', 'POST', '/cart', { item: '__proto__' }, 404],
    ['a body that is too large', 'POST', '/cart', { item: 'n'.repeat(5000) }, 413],
  ])('%s carries one cookie that every backend takes', async (_what, method, path, body, status) => {
    const visitor = browser()
    const asked = method === 'GET' ? visitor.get(a + path) : visitor.post(a + path).send(body)
    const answer = await asked.expect(status)
    expect(cookiesOf(answer)).toEqual([
      expect.stringMatching(/^limpet=[\w.-]+; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/),
    ])
    expect(idOf(await visitor.get(`${b}/`).expect(200))).toBe(idOf(answer))
  })

  test('JSON that is cut short is the fault of who sent it', async () => {
    const answer = await browser().post(`${a}/cart`).type('json').send('{"item"')
    // The one for Hono reads what is no JSON as nothing.
    expect(answer.status).toBe(framework === 'hono' ? 404 : 400)
    expect(cookiesOf(answer)).toHaveLength(1)
  })

  test('behind a balancer without persistence all answer in turn, and the session holds when one of them ends', async () => {
    const ada = browser()
    await ada.post(`${balancer.url}/login`).send(ADA).expect(303)
    await ada.post(`${balancer.url}/cart`).send({ item: 'net' }).expect(200)
    const seen = new Set<string>()
    for (let i = 0; i < 6; i++) {
      const { body } = await ada.get(`${balancer.url}/`).expect(200)
      expect(body).toMatchObject({ user: 'ada', cart: { net: 1 } })
      seen.add(body.backend)
    }
    expect([...seen].sort()).toEqual(['b1', 'b2', 'b3'])

    expect(await shops[0]?.stop()).toEqual({ code: 0, signal: null })
    balancer.setBackends([b, c])
    for (let i = 1; i <= 6; i++) {
      await ada.post(`${balancer.url}/cart`).send({ item: 'net' }).expect(200)
      const { body } = await ada.get(`${balancer.url}/`)
      expect(body).toMatchObject({ user: 'ada', cart: { net: 1 + i } })
      expect(body.backend).not.toBe('b1')
    }
  })
})
