import type { Express } from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { Jar } from './support/jar.ts'
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

/** Holds requests until somebody lets them go on. */
function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

async function start(routes: (app: Express) => void, options = {}): Promise<Backend> {
  const one = await backend(redis.url, routes, options)
  running.push(one)
  return one
}

const dump = (app: Express) => {
  app.get('/dump', (req, res) => {
    const { cookie: _, ...data } = req.session
    res.json(data)
  })
}

describe('req.session', () => {
  test('is a plain object to whoever looks at it', async () => {
    const seen: unknown[] = []
    const { port } = await start((app) => {
      app.get('/', (req, res) => {
        Object.assign(req.session, { user: 'ada', box: { a: [1] } })
        seen.push(
          Object.keys(req.session),
          JSON.parse(JSON.stringify(req.session)),
          { ...req.session }.user,
          'save' in req.session,
          Object.keys(Object.getPrototypeOf(req.session)),
          [req.session.save.length, req.session.reload.length, req.session.regenerate.length],
          req.session.id === req.sessionID,
        )
        res.end()
      })
    })
    await new Jar().ask(port)
    expect(seen).toEqual([
      ['cookie', 'user', 'box'],
      { cookie: { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }, user: 'ada', box: { a: [1] } },
      'ada',
      true,
      [],
      [1, 1, 1],
      true,
    ])
  })

  test('keeps nested changes, deletions and what takes its place as a whole, for every backend', async () => {
    const routes = (app: Express) => {
      dump(app)
      app.get('/nest', (req, res) => {
        if (!req.session.box) req.session.box = { list: [] }
        const { list } = req.session.box
        ;(list as unknown[]).push({ deep: true })
        res.end()
      })
      app.get('/delete', (req, res) => {
        delete req.session.user
        res.end()
      })
      app.get('/replace', (req, res) => {
        req.session = { n: 7 } as never
        res.end()
      })
      app.get('/null', (req, res) => {
        req.session = null as never
        res.end()
      })
      app.get('/set', (req, res) => {
        req.session.user = 'ada'
        res.end()
      })
    }
    const [one, two] = [await start(routes), await start(routes)]
    const jar = new Jar()
    await jar.ask(one.port, '/set')
    await jar.ask(two.port, '/nest')
    await jar.ask(one.port, '/nest')
    expect(await jar.json(two.port, '/dump')).toEqual({ user: 'ada', box: { list: [{ deep: true }, { deep: true }] } })
    await jar.ask(two.port, '/delete')
    expect(await jar.json(one.port, '/dump')).toEqual({ box: { list: [{ deep: true }, { deep: true }] } })
    await jar.ask(one.port, '/replace')
    expect(await jar.json(two.port, '/dump')).toEqual({ n: 7 })
    // unset: 'keep'.
    await jar.ask(one.port, '/null')
    expect(await jar.json(two.port, '/dump')).toEqual({ n: 7 })
  })

  test("ends with unset: 'destroy' when it is taken off the request", async () => {
    const { port } = await start(
      (app) => {
        dump(app)
        app.get('/set', (req, res) => {
          req.session.user = 'ada'
          res.end()
        })
        app.get('/off', (req, res) => {
          delete (req as { session?: unknown }).session
          res.end()
        })
      },
      { unset: 'destroy' },
    )
    const jar = new Jar()
    await jar.ask(port, '/set')
    const thief = jar.copy()
    await jar.ask(port, '/off')
    expect(await jar.json(port, '/dump')).toEqual({})
    expect(await thief.json(port, '/dump')).toEqual({})
  })

  test('regenerate: a new id, a new empty object, and the old object keeps its data', async () => {
    const seen: unknown[] = []
    const routes = (app: Express) => {
      dump(app)
      app.get('/set', (req, res) => {
        Object.assign(req.session, { user: 'ada', n: 1 })
        req.session.cookie.maxAge = 3_600_000
        res.end()
      })
      app.get('/login', (req, res, next) => {
        const { session: old, sessionID } = req
        req.session.regenerate((error) => {
          if (error) return next(error)
          seen.push(old.user, { ...req.session }.user, req.session === old, req.sessionID === sessionID)
          req.session.n = 2
          res.end()
        })
      })
    }
    const [one, two] = [await start(routes), await start(routes)]
    const jar = new Jar()
    expect((await jar.ask(one.port, '/set')).setCookie[0]).toContain('; Max-Age=3600')
    const thief = jar.copy()
    expect((await jar.ask(one.port, '/login')).setCookie[0]).not.toContain('Max-Age')
    expect(seen).toEqual(['ada', undefined, false, false])
    expect(await jar.json(two.port, '/dump')).toEqual({ n: 2 })
    expect(await thief.json(two.port, '/dump')).toEqual({})
  })

  test('save, reload and destroy call back, and what they did holds on another backend', async () => {
    const { opened, open } = gate()
    const seen: unknown[] = []
    const routes = (app: Express) => {
      dump(app)
      app.get('/save', (req, res) => {
        req.session.n = 1
        const returned = req.session.save(() => res.json(returned === req.session))
      })
      app.get('/add', (req, res) => {
        req.session.n = (req.session.n ?? 0) + 1
        res.end()
      })
      app.get('/reload', async (req, res) => {
        const before = req.session
        res.writeHead(200)
        res.flushHeaders()
        await opened
        req.session.reload((error) => {
          seen.push(error, before.n, req.session.n, before === req.session)
          res.end()
        })
      })
      app.get('/destroy', (req, res) => {
        req.session.destroy((error) => res.json([error ?? null, req.session === undefined]))
      })
    }
    const [one, two] = [await start(routes), await start(routes)]
    const jar = new Jar()
    expect(await jar.json(one.port, '/save')).toBe(true)
    const reloading = jar.copy().ask(one.port, '/reload')
    await jar.ask(two.port, '/add')
    open()
    await reloading
    expect(seen).toEqual([undefined, 1, 2, false])
    const thief = jar.copy()
    expect(await jar.json(two.port, '/destroy')).toEqual([null, true])
    expect(await thief.json(one.port, '/dump')).toEqual({})
  })

  test('cookie.maxAge of one session is in its cookie and in the store, from then on, and can go again', async () => {
    const routes = (app: Express) => {
      app.get('/remember', (req, res) => {
        req.session.user = 'ada'
        req.session.cookie.maxAge = 30 * 86_400_000
        res.end()
      })
      app.get('/age', (req, res) => void res.json([req.session.cookie.originalMaxAge, req.session.cookie.expires]))
      app.get('/forget', (req, res) => {
        req.session.cookie.expires = null
        res.end()
      })
    }
    const [one, two] = [await start(routes), await start(routes)]
    const jar = new Jar()
    const first = await jar.ask(one.port, '/remember')
    expect(first.setCookie[0]).toContain('; Max-Age=2592000;')
    const later = await jar.ask(two.port, '/age')
    expect(later.setCookie[0]).toContain('; Max-Age=2592000;')
    const [age, expires] = JSON.parse(later.text)
    // As in express-session it is what is left: a moment has passed since it was set.
    expect(age).toBeLessThanOrEqual(2_592_000_000)
    expect(age).toBeGreaterThan(2_591_000_000)
    expect(Date.parse(expires) - Date.now()).toBeGreaterThan(2_591_000_000)
    await jar.ask(one.port, '/forget')
    const last = await jar.ask(two.port, '/age')
    expect(last.setCookie[0]).not.toContain('Max-Age')
    expect(JSON.parse(last.text)).toEqual([null, null])
  })

  test('looks of one cookie: secure, httpOnly, sameSite, domain and path', async () => {
    const { port } = await start(
      (app) => {
        app.get('/', (req, res) => {
          Object.assign(req.session.cookie, { httpOnly: false, sameSite: 'strict', priority: 'high' })
          req.session.n = 1
          res.end()
        })
        app.get('/next', (_req, res) => void res.end())
      },
      { name: 'sid', cookie: { maxAge: 60_000, sameSite: 'lax' } },
    )
    const jar = new Jar()
    await jar.ask(port, '/')
    const { setCookie } = await jar.ask(port, '/next')
    expect(setCookie).toEqual([
      expect.stringMatching(/^sid=[^;]+; Max-Age=60; Path=\/; Priority=High; SameSite=Strict$/),
    ])
  })

  test('a client without a cookie, who stores nothing, gets none (saveUninitialized: false)', async () => {
    const { port } = await start(dump)
    const jar = new Jar()
    expect((await jar.ask(port, '/dump')).setCookie).toEqual([])
  })

  test('mounted twice, and called as (req, {}, next) for a socket', async () => {
    const { port, session } = await start((app) => {
      app.use((req, res, next) => session(req, res, next))
      app.get('/', (req, res) => {
        req.session.n = (req.session.n ?? 0) + 1
        res.json(req.session.n)
      })
    })
    const jar = new Jar()
    expect(await jar.json(port)).toBe(1)
    const cookie = [...jar.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const req = { headers: { cookie }, url: '/', method: 'GET' } as never as import('express').Request
    await new Promise<void>((resolve, reject) => session(req, {} as never, (e) => (e ? reject(e) : resolve())))
    expect(req.session.n).toBe(1)
    req.session.user = 'from the socket'
    await new Promise<void>((resolve, reject) => req.session.save((e) => (e ? reject(e) : resolve())))
    expect(await jar.json(port)).toBe(2)
  })
})
