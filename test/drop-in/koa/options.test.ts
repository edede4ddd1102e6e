import { createRequire } from 'node:module'
import { Redis } from 'ioredis'
import Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryStore } from '../../../src/index.ts'
import session, { type SessionOptions } from '../../../src/koa-session.ts'
import { serve } from '../../http/support/server.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { Jar } from '../support/jar.ts'
import { SECRET } from '../support/site.ts'
import { plainStore } from './support/both.ts'
import { backend } from './support/site.ts'

const Koa2: typeof Koa = createRequire(import.meta.url)('koa2')

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

function appWith(keys: unknown): Koa {
  const app = new Koa()
  app.keys = keys as string[]
  return app
}

const routes = (app: { use(middleware: (ctx: Koa.Context) => void): unknown }) => {
  app.use((ctx) => {
    const [, what, key = ''] = ctx.path.split('/')
    if (what === 'set' && ctx.session) ctx.session[key] = true
    if (what === 'logout') ctx.session = null
    ctx.body = JSON.stringify(ctx.session)
  })
}

describe('options', () => {
  test.each([
    [{ genid: () => 'x' }, /genid has no meaning here: ids are/],
    [{ prefix: 'x' }, /prefix .* namespace/],
    [{ encode: String }, /encode has no meaning/],
    [{ decode: String }, /decode has no meaning .* migrate/],
    [{ externalKey: { get: () => 'x', set: () => undefined } }, /externalKey has no meaning/],
    [{ ContextStore: class {} }, /ContextStore has no meaning/],
    [{ expires: new Date() }, /expires has no meaning .* maxAge/],
    [{ maxAge: 'a day' }, /maxAge must be milliseconds, at least 1000, or 'session'/],
    [{ sameSite: 'never' }, /sameSite must be/],
    [{ valid: 1 }, /valid must be a function/],
    [{ rolling: 1 }, /rolling must be true or false/],
    [{ maxAges: 1 }, /maxAges/],
    [{ key: 'koa.sess', migrate: { keys: ['x'] } }, /no room under one name/],
    [{ migrate: { keys: [] } }, /migrate.keys/],
  ])('%o is answered at start', (options, message) => {
    const make = () => session(options as unknown as SessionOptions, appWith([SECRET]))
    expect(make).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS', message: expect.stringMatching(message) }),
    )
  })

  test('app.keys that are too short or no list, and no application', () => {
    const short = /^app\.keys\[1\] has 5 bytes/
    expect(() => session(appWith([SECRET, 'short']))).toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_SECRET', message: expect.stringMatching(short) }),
    )
    expect(() => session({}, appWith({ sign: 1 }))).toThrow(/app\.keys must be a list/)
    expect(() => session({} as never)).toThrow(/needs the application/)
  })

  test('what has no meaning and harms nobody is said once', async () => {
    const options = { maxAge: 5000, rolling: false, signed: false, overwrite: false } as const
    const { events, close } = await backend(redis.url, routes, options)
    const said = events.filter(({ type }) => type === 'warning').map((event) => Object(event).message)
    expect(said).toEqual([expect.stringMatching(/^rolling: false has .*signed: false has .*overwrite: false has /)])
    await close()
  })

  test('attributes of the cookie', async () => {
    const options = { key: 'sid', domain: 'a.example', path: '/', sameSite: 'Strict', httpOnly: false, maxAge: 60_000 }
    const { port, close } = await backend(redis.url, routes, options as unknown as SessionOptions)
    const { setCookie } = await new Jar().ask(port, '/set/x')
    const looks = /^sid=[\w.-]+; Max-Age=60; Domain=a\.example; Path=\/; SameSite=Strict$/
    expect(setCookie).toEqual([expect.stringMatching(looks)])
    await close()
  })

  test.each([
    ['session(app)', (app: Koa) => session(app, { store: memoryStore() })],
    ['Koa 2', (app: Koa) => session({ store: memoryStore(), firstCookie: 'always' }, app)],
  ])('%s, and mounted twice: the second does nothing', async (name, make) => {
    const app = name === 'Koa 2' ? new Koa2() : new Koa()
    app.keys = [SECRET]
    // Before it has come by there is an empty session, which nobody keeps.
    app.use((ctx, next) => {
      ctx.set('early', String(Object(ctx.session).populated))
      return next()
    })
    const [first, second] = [make(app), make(app)]
    app.use(first).use(second)
    routes(app)
    const { port, close } = await serve(app.callback())
    const jar = new Jar()
    expect((await jar.ask(port, '/set/x')).headers.early).toBe('false')
    const { text, set } = await jar.ask(port, '/see')
    expect([text, set]).toEqual(['{"x":true}', ['koa.sess']])
    await close()
    await first.close()
    await second.close()
  })
})

describe('a store that was written for koa-session', () => {
  test('two backends share sessions, a logout reaches both, and within one no write undoes another', async () => {
    const client = new Redis(redis.url)
    const gate = { here: 0, wanted: 0 }
    const slow = (app: Koa) => {
      app.use(async (ctx, next) => {
        if (!ctx.path.startsWith('/slow/')) return next()
        gate.here++
        await until(() => gate.here >= gate.wanted, 'all are there')
        if (ctx.session) ctx.session[ctx.path.slice(6)] = true
        ctx.body = ''
        return undefined
      })
      routes(app)
    }
    const [one, two] = [
      await backend(redis.url, slow, { store: plainStore(client) }),
      await backend(redis.url, slow, { store: plainStore(client) }),
    ]
    const jar = new Jar()
    await jar.ask(one.port, '/set/cookie')
    gate.wanted = 3
    await Promise.all(['a', 'b', 'c'].map((key) => jar.alone(one.port, `/slow/${key}`)))
    expect(await jar.json(two.port, '/see')).toEqual({ cookie: true, a: true, b: true, c: true })
    const thief = jar.copy()
    await jar.ask(one.port, '/logout')
    expect(await thief.json(two.port, '/see')).toEqual({})
    client.disconnect()
    expect((await jar.ask(one.port, '/set/x')).status).toBe(503)
    for (const { close } of [one, two]) await close()
  })
})
