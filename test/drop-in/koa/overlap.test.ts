import { once } from 'node:events'
import { Readable } from 'node:stream'
import type Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Session } from '../../../src/koa-session.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { Jar } from '../support/jar.ts'
import { type Backend, backend } from './support/site.ts'

let redis: RedisServer
const running: Backend[] = []
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(async () => {
  for (const one of running) await one.close()
  await redis.stop()
})

/** Backends whose handlers read, wait until as many are there as a test wants, and then change the session. */
async function site(options = {}, url = redis.url) {
  const gate = { here: 0, wanted: 1 }
  const together = async () => {
    gate.here++
    await until(() => gate.here >= gate.wanted, 'all requests are there')
  }
  const routes = (app: Koa) => {
    app.use(async (ctx) => {
      const [, what, value = ''] = ctx.path.split('/')
      const session = ctx.session as Session
      if (what !== 'own' && what !== 'own-late' && what !== 'after-head') ctx.body = 'done'
      if (what === 'start') Object.assign(session, { cart: [], n: 0 })
      if (what === 'see') ctx.body = session
      if (what === 'logout') ctx.session = null
      if (what === 'add') {
        await together()
        session.cart.push(value)
      }
      if (what === 'key') {
        await together()
        session[value] = true
      }
      if (what === 'set') {
        await together()
        session.n = value
      }
      if (what === 'count') {
        const before = session.n
        await together()
        session.n = before + 1
      }
      if (what === 'stream') {
        session.streamed = true
        ctx.body = Readable.from(['a', 'b'])
      }
      if (what === 'own') {
        ctx.respond = false
        session.own = true
        ctx.res.writeHead(201, { 'content-type': 'text/plain' })
        ctx.res.end('own')
      }
      if (what === 'own-late') {
        ctx.respond = false
        ctx.res.statusCode = 200
        setImmediate(() => {
          session.late = true
          ctx.res.end('own')
        })
      }
      if (what === 'after-head') {
        ctx.respond = false
        ctx.res.statusCode = 200
        ctx.res.write('begun')
        await gate
        session.afterHead = true
        ctx.res.end()
      }
      if (what === 'caught') {
        session.n = value
        try {
          await session.save()
        } catch (error) {
          ctx.body = `caught ${(error as { code: string }).code}`
        }
      }
      if (what === 'circle') session.circle = session
    })
  }
  const backends = [await backend(url, routes, options), await backend(url, routes, options)] as const
  running.push(...backends)
  const meet = (wanted: number) => Object.assign(gate, { here: 0, wanted })
  return { backends, meet, gate }
}

describe('requests at once', () => {
  test('21 additions to one list are all kept, though each handler had read it empty', async () => {
    const { backends, meet } = await site()
    const jar = new Jar()
    await jar.ask(backends[0].port, '/start')
    meet(21)
    const items = Array.from({ length: 21 }, (_, at) => `item${at}`)
    const asked = items.map((item, at) => jar.alone(backends[at % 2]?.port ?? 0, `/add/${item}`))
    expect(new Set(await Promise.all(asked))).toEqual(new Set([200]))
    const { cart } = (await jar.json(backends[0].port, '/see')) as { cart: string[] }
    expect(cart.toSorted()).toEqual(items.toSorted())
  })

  test('changes of different keys are all kept', async () => {
    const { backends, meet } = await site()
    const jar = new Jar()
    await jar.ask(backends[0].port, '/start')
    meet(6)
    await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((key, at) => jar.alone(backends[at % 2]?.port ?? 0, `/key/${key}`)),
    )
    const all = { cart: [], n: 0, a: true, b: true, c: true, d: true, e: true, f: true }
    expect(await jar.json(backends[1].port, '/see')).toEqual(all)
  })

  test("conflict: counters add up; 'reject' answers the later one with 409; else an event names what was lost", async () => {
    const race = async (options: object, paths: readonly [string, string]) => {
      const { backends, meet } = await site(options)
      const jar = new Jar()
      await jar.ask(backends[0].port, '/start')
      meet(2)
      const statuses = await Promise.all(backends.map(({ port }, at) => jar.alone(port, paths[at])))
      const { n } = (await jar.json(backends[0].port, '/see')) as { n: unknown }
      const told = backends.flatMap(({ events }) => events.filter(({ type }) => type === 'conflict'))
      return { statuses: statuses.toSorted(), n, told }
    }
    const counted = await race({ conflict: { counters: ['n'] } }, ['/count', '/count'])
    expect(counted).toEqual({ statuses: [200, 200], n: 2, told: [] })
    const rejected = await race({ conflict: 'reject' }, ['/set/a', '/set/b'])
    expect(rejected).toEqual({ statuses: [200, 409], n: expect.stringMatching(/^[ab]$/), told: [] })
    const merged = await race({}, ['/set/a', '/set/b'])
    expect(merged).toMatchObject({ statuses: [200, 200], told: [{ paths: ['n'] }] })
  })

  test('a logout while a slow request runs stays a logout', async () => {
    const { backends, meet, gate } = await site()
    const jar = new Jar()
    await jar.ask(backends[0].port, '/start')
    const thief = jar.copy()
    meet(2)
    const late = thief.ask(backends[1].port, '/key/late')
    await until(() => gate.here === 1, 'the slow request is there')
    await jar.ask(backends[0].port, '/logout')
    gate.wanted = 1
    expect((await late).status).toBe(409)
    expect(backends[1].errors).toMatchObject([{ code: 'ERR_LIMPET_DESTROYED', status: 409 }])
    for (const { port } of backends) expect(await jar.json(port, '/see')).toEqual({})
  })
})

describe('saved before the response leaves', () => {
  test.each([
    ['a stream', '/stream', 'streamed'],
    ['ctx.respond = false and writeHead by hand', '/own', 'own'],
    ['ctx.respond = false, and changed when the middleware is done', '/own-late', 'late'],
    ['changed after the head has left', '/after-head', 'afterHead'],
  ])('%s', async (_how, path, key) => {
    const { backends } = await site()
    const jar = new Jar()
    await jar.ask(backends[0].port, '/start')
    const { status, set } = await jar.ask(backends[0].port, path)
    expect([status, set]).toEqual([path === '/own' ? 201 : 200, ['koa.sess']])
    if (key === 'afterHead') {
      // The cookie of that response does not know of it.
      await until(async () => key in Object(await jar.json(backends[1].port, '/see')), 'the other backend is told')
    } else expect(await jar.json(backends[1].port, '/see')).toEqual({ cart: [], n: 0, [key]: true })
  })

  test('what is no JSON is an error', async () => {
    const { backends } = await site()
    const { status } = await new Jar().ask(backends[0].port, '/circle')
    expect([status, backends[0].errors]).toMatchObject([500, [{ code: 'ERR_LIMPET_VALUE' }]])
  })
})

describe('Redis is away', () => {
  test('503 for what cannot be saved, whoever writes the response; reads are answered from the copy', async () => {
    const own = await startRedis()
    const { backends } = await site({ storeTimeout: 300 }, own.url)
    const [{ port, errors }] = backends
    const jar = new Jar()
    await jar.ask(port, '/start')
    await jar.ask(port, '/see')
    await own.stop()
    expect(await jar.json(port, '/see')).toEqual({ cart: [], n: 0 })
    expect((await jar.ask(port, '/key/x')).status).toBe(503)
    expect(errors.at(-1)).toMatchObject({ code: 'ERR_LIMPET_STORE', status: 503 })
    expect((await jar.ask(port, '/own')).status).toBe(503)
    expect((await jar.ask(port, '/stream')).status).toBe(503)
    // Nobody is told of a save that did not happen, also where a handler went on.
    expect((await jar.ask(port, '/caught/1')).status).toBe(503)
    const broken = fetch(`http://127.0.0.1:${port}/after-head`, { headers: { cookie: cookieOf(jar) } })
    await expect(broken.then((response) => response.text())).rejects.toThrow()
    const gone = await jar.ask(port, '/logout')
    expect([gone.status, gone.set]).toEqual([503, ['koa.sess']])
    expect(await jar.json(port, '/see')).toEqual({})
  })
})

function cookieOf(jar: Jar): string {
  return [...jar.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}

describe('events of the application, as there', () => {
  test('session:invalid, with what was there', async () => {
    const options = { valid: (_ctx: unknown, data: { n?: number }) => data.n !== 0 }
    const { backends } = await site(options as object)
    const jar = new Jar()
    await jar.ask(backends[0].port, '/start')
    const told = once(backends[1].app, 'session:invalid')
    expect(await jar.json(backends[1].port, '/see')).toEqual({})
    const [{ key, ...about }] = await told
    expect(about).toMatchObject({ value: { cart: [], n: 0 }, ctx: { path: '/see' } })
    expect(await backends[0].session.session(key).all()).toEqual({ cart: [], n: 0 })
    // What is written then has nothing to do with it.
    await jar.ask(backends[1].port, '/key/anew')
    expect(await jar.json(backends[0].port, '/see')).toEqual({ anew: true })
    await expect(backends[0].session.session(key).all()).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_LIMPET_DESTROYED' }),
    )
  })

  test('session:missed for a session that was logged out, and for a forged cookie', async () => {
    const { backends } = await site()
    const jar = new Jar()
    await jar.ask(backends[0].port, '/start')
    const old = jar.copy()
    await jar.ask(backends[0].port, '/logout')
    for (const client of [old, forged()]) {
      const told = once(backends[1].app, 'session:missed')
      expect(await client.json(backends[1].port, '/see')).toEqual({})
      expect((await told)[0]).toMatchObject({ value: undefined, ctx: { path: '/see' } })
    }
  })
})

function forged(): Jar {
  const jar = new Jar()
  jar.cookies.set('koa.sess', 'nonsense')
  return jar
}
