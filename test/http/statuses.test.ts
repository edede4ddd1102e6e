import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { fastify } from 'fastify'
import { Redis } from 'ioredis'
import Koa from 'koa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sticky as stickyFastify } from '../../src/fastify.ts'
import { type Sticky, type StickyOptions, sticky } from '../../src/index.ts'
import { sticky as stickyKoa } from '../../src/koa.ts'
import type { LimpetEvent } from '../../src/ports/events.ts'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

const SECRET = 'a secret of the tests, 32 bytes or more'

/** Nobody catches what these do: the framework answers. */
type Work = (sticky: Sticky, path: string) => Promise<unknown>

const frameworks = [
  {
    name: 'Express',
    make(options: StickyOptions, work: Work) {
      const app = express()
      const handle = sticky(options)
      app.use(handle)
      app.use(async (req, res) => void res.json((await work(req.sticky, req.path)) ?? null))
      return { listener: app as RequestListener, handle }
    },
  },
  {
    name: 'Koa',
    make(options: StickyOptions, work: Work) {
      const app = new Koa()
      app.silent = true
      const handle = stickyKoa(options)
      app.use(handle)
      app.use(async (ctx) => {
        ctx.body = JSON.stringify((await work(ctx.sticky, ctx.path)) ?? null)
      })
      return { listener: app.callback() as RequestListener, handle }
    },
  },
  {
    name: 'Fastify',
    make(options: StickyOptions, work: Work) {
      const app = fastify()
      const handle = stickyFastify(options)
      app.register(handle)
      app.get('*', async (request) => JSON.stringify((await work(request.sticky, request.url)) ?? null))
      const ready = app.ready()
      const listener: RequestListener = (req, res) => void ready.then(() => app.routing(req, res))
      return { listener, handle }
    },
  },
]

const ends: (() => unknown)[] = []
let redis: RedisServer
beforeEach(async () => {
  redis = await startRedis()
  ends.push(() => redis.stop())
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

describe.each(frameworks)('$name answers what nobody caught', ({ make }) => {
  async function start(work: Work, options: StickyOptions = {}) {
    const client = new Redis(redis.url, { enableOfflineQueue: false, autoResendUnfulfilledCommands: false })
    client.on('error', () => undefined)
    const events: LimpetEvent[] = []
    const store = redisStore(client)
    const onEvent = (event: LimpetEvent) => void events.push(event)
    const { listener, handle } = make({ secret: SECRET, store, storeTimeout: 500, onEvent, ...options }, work)
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ends.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await handle.close()
      client.disconnect()
    })
    await until(() => events.some((event) => event.type === 'invalidation' && event.state === 'up'), 'Redis is there')
    const ask = (path: string, cookie = '') =>
      fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers: { cookie } })
    return { ask, events }
  }

  const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? ''

  it('503 while the store is away, with the cookie', async () => {
    const { ask } = await start((one) => one.session.set('n', 1))
    const cookie = cookieOf(await ask('/'))
    await redis.stop()
    const response = await ask('/', cookie)
    expect(response.status).toBe(503)
    expect(cookieOf(response)).toMatch(/^limpet=/)
  })

  it('409 when a logout has overtaken the write', async () => {
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    let isWaiting = false
    const { ask } = await start(async ({ session }, path) => {
      if (path === '/logout') return session.destroy()
      if (path === '/slow') {
        isWaiting = true
        await gate
      }
      return session.set('n', 1)
    })
    const cookie = cookieOf(await ask('/'))
    const slow = ask('/slow', cookie)
    await until(() => isWaiting, 'the slow request has begun')
    await ask('/logout', cookie)
    go()
    expect((await slow).status).toBe(409)
  })

  it('and tells that another backend signs with another secret, once', async () => {
    const foreign = make({ secret: 'another secret of the tests, as long', onEvent: () => undefined }, async () => null)
    const other = createServer(foreign.listener)
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    ends.push(async () => {
      other.closeAllConnections()
      await new Promise((resolve) => other.close(resolve))
      await foreign.handle.close()
    })
    const { ask, events } = await start(async () => null)
    for (let i = 0; i < 40; i++) {
      await ask('/', cookieOf(await fetch(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`)))
    }
    expect(events.filter((event) => event.type === 'session-begin' && event.reason === 'unknown-key')).toHaveLength(40)
    expect(events.filter((event) => event.type === 'warning')).toMatchObject([
      { code: 'foreign-secret', message: expect.stringMatching(/another LIMPET_SECRET/) },
    ])
  })
})
