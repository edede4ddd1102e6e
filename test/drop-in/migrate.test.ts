import { RedisStore } from 'connect-redis'
import express, { type Express } from 'express'
import original from 'express-session'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import session from '../../src/express-session.ts'
import { type Running, serve } from '../http/support/server.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { Jar } from './support/jar.ts'
import { type Backend, backend } from './support/site.ts'

/** Shorter than limpet's may be: it is express-session's. */
const OLD_SECRET = 'keyboard cat'

const routes = (app: Express) => {
  app.get('/dump', (req, res) => {
    const { cookie: _, ...data } = req.session
    res.json(data)
  })
  app.get('/login', (req, res, next) => {
    req.session.regenerate((error) => {
      req.session.user = 'ada'
      if (error) next(error)
      else res.end()
    })
  })
  app.get('/add/:item', (req, res) => {
    req.session.cart = [...(req.session.cart ?? []), req.params.item]
    res.end()
  })
  app.get('/remember', (req, res) => {
    req.session.user = 'ada'
    req.session.cookie.maxAge = 3_600_000
    res.end()
  })
  app.get('/logout', (req, res, next) => req.session.destroy((error) => (error ? next(error) : res.end())))
}

let redis: RedisServer
let client: Redis
let old: Running
let news: Backend[]
beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
  const app = express()
  const store = new RedisStore({ client })
  app.use(original({ secret: OLD_SECRET, store, resave: false, saveUninitialized: false }))
  routes(app)
  old = await serve(app)
  const migrate = { secret: [OLD_SECRET], store: new RedisStore({ client }) }
  news = [await backend(redis.url, routes, { migrate }), await backend(redis.url, routes, { migrate })]
})
afterAll(async () => {
  await old.close()
  for (const { close } of news) await close()
  client.disconnect()
  await redis.stop()
})

const [one, two] = [() => news[0]?.port ?? 0, () => news[1]?.port ?? 0]

describe('a deploy in which some backends have express-session still', () => {
  test('nobody is logged out: what was there goes along, and each backend keeps its own cookie', async () => {
    const jar = new Jar()
    await jar.ask(old.port, '/login')
    await jar.ask(old.port, '/add/net')
    const { text, set } = await jar.ask(one(), '/dump')
    expect(JSON.parse(text)).toEqual({ user: 'ada', cart: ['net'] })
    expect(set).toEqual(['limpet'])
    expect(await jar.json(two(), '/dump')).toEqual({ user: 'ada', cart: ['net'] })
    expect(await jar.json(old.port, '/dump')).toEqual({ user: 'ada', cart: ['net'] })
    expect([...jar.cookies.keys()].sort()).toEqual(['connect.sid', 'limpet'])
    // Back on an old backend he is logged in as well.
    expect(await jar.json(old.port, '/dump')).toEqual({ user: 'ada', cart: ['net'] })
  })

  test('what is written on a new backend goes on there, and the old record stays as it was', async () => {
    const jar = new Jar()
    await jar.ask(old.port, '/add/net')
    await jar.ask(one(), '/add/rod')
    expect(await jar.json(two(), '/dump')).toEqual({ cart: ['net', 'rod'] })
    expect(await jar.json(old.port, '/dump')).toEqual({ cart: ['net'] })
    expect(await jar.json(one(), '/dump')).toEqual({ cart: ['net', 'rod'] })
  })

  test('the first requests of a page come at once to several backends: one session, and all that they write', async () => {
    const jar = new Jar()
    await jar.ask(old.port, '/add/net')
    const items = ['a', 'b', 'c', 'd']
    await Promise.all(items.map((item, at) => jar.copy().ask(at % 2 ? one() : two(), `/add/${item}`)))
    const { cart } = (await jar.json(one(), '/dump')) as { cart: string[] }
    expect(cart[0]).toBe('net')
    expect([...cart.slice(1)].sort()).toEqual(items)
  })

  test('a lifetime of its own goes along', async () => {
    const jar = new Jar()
    await jar.ask(old.port, '/remember')
    expect((await jar.ask(one(), '/dump')).setCookie[0]).toMatch(/; Max-Age=3(600|599);/)
  })

  test('after a logout or a login on a new backend the old cookie is worth nothing anywhere', async () => {
    const jar = new Jar()
    await jar.ask(old.port, '/login')
    const before = jar.copy()
    expect(await jar.json(one(), '/dump')).toEqual({ user: 'ada' })
    await jar.ask(one(), '/logout')
    expect(await before.json(two(), '/dump')).toEqual({})
    expect(await before.json(old.port, '/dump')).toEqual({})
    const other = new Jar()
    await other.ask(old.port, '/login')
    await other.ask(old.port, '/add/net')
    const thief = other.copy()
    await other.ask(two(), '/login')
    expect(await other.json(one(), '/dump')).toEqual({ user: 'ada' })
    for (const port of [one(), old.port]) expect(await thief.json(port, '/dump')).toEqual({})
  })

  test('a forged cookie of the old name is worth nothing', async () => {
    const jar = new Jar()
    await jar.ask(old.port, '/login')
    const value = jar.cookies.get('connect.sid') ?? ''
    jar.cookies.set('connect.sid', `${value.slice(0, -2)}AA`)
    expect(await jar.json(one(), '/dump')).toEqual({})
  })
})

test.each([
  [{ name: 'sid', secret: 's', store: {} }, /store/],
  [{ secret: '', store: { get() {}, set() {}, destroy() {} } }, /secret/],
  [{ name: 'limpet', secret: 's', store: { get() {}, set() {}, destroy() {} } }, undefined],
])('migrate %j is refused at start', (migrate, words) => {
  const name = 'name' in migrate && migrate.name === 'limpet' ? 'limpet' : undefined
  const start = () => session({ secret: 'x'.repeat(32), migrate: migrate as never, ...(name && { name }) })
  expect(start).toThrow(expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS' }))
  if (words) expect(start).toThrow(words)
})
