import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { getRequestListener } from '@hono/node-server'
import { fastify as fastify5 } from 'fastify'
import { Hono } from 'hono'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sticky as fastifySticky } from '../../src/fastify.ts'
import { sticky as honoSticky } from '../../src/hono.ts'
import { cookieOf, send } from '../forward/support/client.ts'
import { until } from '../support/until.ts'
import { twoBackends } from './support/backends.ts'

// The older major has its types under another name.
const fastify4: typeof fastify5 = createRequire(import.meta.url)('fastify4')

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

describe('a request that lands on another backend is answered by its owner, and by nobody else (law 8)', () => {
  it.each([
    ['Fastify 4', fastify4],
    ['Fastify 5', fastify5],
  ])('%s', async (_name, fastify) => {
    const served: string[] = []
    const gone: string[] = []
    const { one, other, stop } = await twoBackends(async (options, id) => {
      const app = fastify({ trustProxy: true })
      const handle = fastifySticky(options)
      await app.register(handle)
      app.addHook('onRequest', async () => void served.push(id))
      app.get('/stream', (request, reply) => {
        reply.hijack()
        reply.raw.writeHead(200).flushHeaders()
        request.raw.on('close', () => gone.push(id))
      })
      app.post('/', async (request) => ({ id, body: request.body, ip: request.ip }))
      await app.ready()
      return { handle, listener: app.routing }
    })
    ends.push(stop)
    const post = { method: 'POST', body: '{"a":1}' }
    const headers = { 'content-type': 'application/json' }
    const first = await send(one.port, '/', { ...post, headers })
    const cookie = cookieOf(first)
    const second = await send(other.port, '/', { ...post, headers: { ...headers, cookie } })
    for (const answer of [first, second]) {
      expect(JSON.parse(answer.text)).toEqual({ id: 'one', body: { a: 1 }, ip: '127.0.0.1' })
      expect(answer.cookies).toHaveLength(1)
    }
    expect(served).toEqual(['one', 'one'])

    // Also one that ends without an answer, since its client has gone.
    const left = get({ port: other.port, host: '127.0.0.1', path: '/stream', headers: { cookie }, agent: false })
    const [response] = (await once(left, 'response')) as [IncomingMessage]
    left.on('error', () => undefined).destroy()
    response.destroy()
    await until(() => gone.length > 0, 'the owner has learnt that its client is gone')
    await send(other.port, '/', { ...post, headers: { ...headers, cookie } })
    expect(served).toEqual(['one', 'one', 'one', 'one'])
  })

  it('Hono', async () => {
    const served: string[] = []
    const { one, other, stop } = await twoBackends(async (options, id) => {
      const handle = honoSticky(options)
      const app = new Hono()
      app.use(handle)
      app.use(async (_c, next) => {
        served.push(id)
        await next()
      })
      app.all('/', async (c) => c.json({ id, body: await c.req.text() }))
      return { handle, listener: getRequestListener(app.fetch) }
    })
    ends.push(stop)
    const first = await send(one.port, '/')
    const headers = { cookie: cookieOf(first) }
    const body = 'x'.repeat(100_000)
    const posted = await send(other.port, '/', { method: 'POST', headers, body })
    expect(JSON.parse(posted.text)).toEqual({ id: 'one', body })
    expect(posted.cookies).toHaveLength(1)
    // Hono would print that it cannot answer what was answered.
    const printed = vi.spyOn(console, 'error')
    for (const method of ['HEAD', 'GET']) {
      expect(await send(other.port, '/', { method, headers })).toMatchObject({
        status: 200,
        cookies: [expect.any(String)],
      })
    }
    expect(served).toEqual(['one', 'one', 'one', 'one'])
    expect(printed).not.toHaveBeenCalled()
  })
})
