import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisStore } from 'connect-redis'
import type { Express } from 'express'
import type original from 'express-session'
import { MemoryStore } from 'express-session'
import { Redis } from 'ioredis'
import fileStore from 'session-file-store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ForeignStore } from '../../src/drop-in/foreign-records.ts'
import session from '../../src/express-session.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { Jar } from './support/jar.ts'
import { backend } from './support/site.ts'

let redis: RedisServer
let client: Redis
let dir: string
beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
  dir = mkdtempSync(join(tmpdir(), 'limpet-files-'))
})
afterAll(async () => {
  client.disconnect()
  await redis.stop()
  rmSync(dir, { recursive: true, force: true })
})

const STORES: readonly [string, () => ForeignStore][] = [
  ["express-session's MemoryStore", () => new MemoryStore()],
  ['connect-redis', () => new RedisStore({ client })],
  ['limpet/express-session.MemoryStore', () => new session.MemoryStore()],
  // Made with the function whose place ours takes.
  [
    'session-file-store',
    () =>
      new (fileStore(session as unknown as typeof original))({ path: dir, logFn: () => undefined, reapInterval: -1 }),
  ],
]

let [slow, wanted] = [0, 0]

const routes = (app: Express) => {
  app.get('/dump', (req, res) => {
    // What session-file-store puts beside the data, there as here.
    const { cookie: _, __lastAccess, ...data } = req.session as typeof req.session & { __lastAccess?: number }
    res.json(data)
  })
  app.get('/set/:key/:value', (req, res) => {
    ;(req.session as unknown as Record<string, unknown>)[req.params.key] = req.params.value
    res.end()
  })
  app.get('/slow/:key', async (req, res) => {
    slow++
    await until(() => slow >= wanted, 'all slow requests are there')
    ;(req.session as unknown as Record<string, unknown>)[req.params.key] = true
    res.end()
  })
  app.get('/remember', (req, res) => {
    req.session.cookie.maxAge = 3_600_000
    res.end()
  })
  app.get('/login', (req, res, next) => {
    req.session.regenerate((error) => {
      req.session.user = 'ada'
      if (error) next(error)
      else res.end()
    })
  })
  app.get('/logout', (req, res, next) => req.session.destroy((error) => (error ? next(error) : res.end())))
  app.get('/store', (req, res) => {
    req.sessionStore.get(req.sessionID, (error, data) => void res.json([error, data?.user]))
  })
}

describe.each(STORES)('over %s', (_name, make) => {
  test('two backends share sessions: data, a lifetime of its own, login and logout', async () => {
    const store = make()
    const [one, two] = [await backend(redis.url, routes, { store }), await backend(redis.url, routes, { store })]
    const jar = new Jar()
    await jar.ask(one.port, '/set/n/1')
    expect((await jar.ask(two.port, '/remember')).setCookie[0]).toContain('; Max-Age=3600;')
    expect(await jar.json(two.port, '/dump')).toEqual({ n: '1' })
    const old = jar.copy()
    await jar.ask(two.port, '/login')
    expect(await jar.json(one.port, '/dump')).toEqual({ user: 'ada' })
    expect(await jar.json(one.port, '/store')).toEqual([null, 'ada'])
    expect(await old.json(one.port, '/dump')).toEqual({})
    const thief = jar.copy()
    await jar.ask(one.port, '/logout')
    expect(await thief.json(two.port, '/dump')).toEqual({})
    for (const { close } of [one, two]) await close()
  })

  test('within one backend no write undoes another, and a slow request brings nothing back', async () => {
    const one = await backend(redis.url, routes, { store: make() })
    const jar = new Jar()
    await jar.ask(one.port, '/set/n/1')
    ;[slow, wanted] = [0, 3]
    await Promise.all(['a', 'b', 'c'].map((key) => jar.copy().ask(one.port, `/slow/${key}`)))
    expect(await jar.json(one.port, '/dump')).toEqual({ n: '1', a: true, b: true, c: true })
    ;[slow, wanted] = [0, 2]
    const late = jar.copy().ask(one.port, '/slow/late')
    await until(() => slow === 1, 'the slow request is there')
    const thief = jar.copy()
    await jar.ask(one.port, '/logout')
    wanted = 1
    expect((await late).status).toBe(409)
    expect(await thief.json(one.port, '/dump')).toEqual({})
    await one.close()
  })
})
