import type { Express } from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
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

const ITEMS = 21

/** Backends of an application whose handlers read, wait until all of them have read, and then change the session. */
async function shop(options = {}): Promise<{ backends: Backend[]; meet: (count: number) => void }> {
  let [here, wanted] = [0, 1]
  const together = async () => {
    here++
    await until(() => here >= wanted, 'all requests are there')
  }
  const routes = (app: Express) => {
    app.get('/start', (req, res) => {
      req.session.cart = []
      req.session.n = 0
      res.end()
    })
    app.get('/add/:item', async (req, res) => {
      await together()
      req.session.cart?.push(req.params.item)
      res.end()
    })
    app.get('/key/:key', async (req, res) => {
      await together()
      ;(req.session as unknown as Record<string, unknown>)[req.params.key] = true
      res.end()
    })
    app.get('/note/:text', async (req, res) => {
      await together()
      req.session.box = { note: req.params.text }
      res.end()
    })
    app.get('/count', async (req, res) => {
      const before = req.session.n ?? 0
      await together()
      req.session.n = before + 1
      res.end()
    })
    app.get('/dump', (req, res) => {
      const { cookie: _, ...data } = req.session
      res.json(data)
    })
  }
  const backends = [await backend(redis.url, routes, options), await backend(redis.url, routes, options)]
  running.push(...backends)
  const meet = (count: number) => {
    here = 0
    wanted = count
  }
  return { backends, meet }
}

/** So many requests of one client at once, to all backends in turn. */
async function atOnce({ backends, meet }: Awaited<ReturnType<typeof shop>>, paths: readonly string[]) {
  const jar = new Jar()
  await jar.ask(backends[0]?.port ?? 0, '/start')
  meet(paths.length)
  const statuses = await Promise.all(
    paths.map((path, at) => jar.alone(backends[at % backends.length]?.port ?? 0, path)),
  )
  const data = (await jar.json(backends[0]?.port ?? 0, '/dump')) as Record<string, unknown>
  return { data, statuses }
}

const items = Array.from({ length: ITEMS }, (_, at) => `item${at}`)

describe('requests of one session that overlap', () => {
  test('21 additions to one list are all kept, though each handler had read it empty', async () => {
    const { data, statuses } = await atOnce(
      await shop(),
      items.map((item) => `/add/${item}`),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect([...(data.cart as string[])].sort()).toEqual([...items].sort())
  })

  test('writes to different keys never undo each other (law 5)', async () => {
    const { data } = await atOnce(
      await shop({ conflict: 'last' }),
      items.map((item) => `/key/${item}`),
    )
    expect(Object.keys(data).sort()).toEqual(['cart', 'n', ...items].sort())
  })

  test('a counter that is named adds up; one that is not is won by the later, and an event says so', async () => {
    const paths = items.map(() => '/count')
    const named = await shop({ conflict: { counters: ['n'] } })
    expect((await atOnce(named, paths)).data.n).toBe(ITEMS)
    const unnamed = await shop()
    expect((await atOnce(unnamed, ['/count', '/key/other', '/count'])).data.n).toBe(1)
    await atOnce(unnamed, ['/add/a', '/add/b'])
    const told = () => unnamed.backends.flatMap(({ events }) => events).filter(({ type }) => type === 'conflict')
    // Both made 1 of 0: equal changes are one, and no conflict.
    expect(told()).toEqual([])
    const { data } = await atOnce(unnamed, ['/note/mine', '/note/yours'])
    expect(['mine', 'yours']).toContain(Object(data.box).note)
    expect(told()).toEqual([{ type: 'conflict', id: expect.any(String), paths: ['box.note'] }])
  })

  test("conflict: 'reject' answers the later one with 409", async () => {
    const { data, statuses } = await atOnce(await shop({ conflict: 'reject' }), ['/add/a', '/add/b'])
    expect([...statuses].sort()).toEqual([200, 409])
    expect(data.cart).toHaveLength(1)
  })
})
