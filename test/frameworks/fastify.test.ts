import { connect as connectHttp2 } from 'node:http2'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { type FastifyInstance, fastify as fastify5 } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { type StickyPlugin, sticky } from '../../src/fastify.ts'
import { memoryStore, type StickyOptions } from '../../src/index.ts'
import { send } from '../forward/support/client.ts'

// The older major has its types under another name.
const fastify4: typeof fastify5 = createRequire(import.meta.url)('fastify4')

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const make = (options: StickyOptions = {}): StickyPlugin =>
  sticky({ secret: 'a secret of the tests, 32 bytes or more', store: memoryStore(), ...options })

const portOf = (app: FastifyInstance) => (app.server.address() as AddressInfo).port

describe.each([
  ['Fastify 4', fastify4],
  ['Fastify 5', fastify5],
])('%s', (_name, fastify) => {
  async function start(app: FastifyInstance): Promise<number> {
    await app.listen({ port: 0, host: '127.0.0.1' })
    ends.push(() => app.close())
    return portOf(app)
  }

  it("every answer that is Fastify's own carries one cookie", async () => {
    const app = fastify({ bodyLimit: 10 })
    await app.register(make())
    app.post('/', { schema: { body: { type: 'object', required: ['a'] } } }, () => 'fine')
    const port = await start(app)
    const json = { 'content-type': 'application/json' }
    const answers = {
      'no route': await send(port, '/nowhere'),
      'no such method': await send(port, '/', { method: 'PUT' }),
      'a body that is no JSON': await send(port, '/', { method: 'POST', headers: json, body: '{' }),
      'a body that the schema refuses': await send(port, '/', { method: 'POST', headers: json, body: '{}' }),
      'a body that is too large': await send(port, '/', { method: 'POST', headers: json, body: '{"a":"long"}' }),
      'a media type without a parser': await send(port, '/', {
        method: 'POST',
        headers: { 'content-type': 'image/png' },
        body: 'x',
      }),
    }
    expect(Object.values(answers).map(({ status }) => status)).toEqual([404, 404, 400, 400, 413, 415])
    for (const [what, { cookies }] of Object.entries(answers)) expect(cookies, what).toHaveLength(1)
  })

  it('app.inject() gets the cookie, and brings the session back', async () => {
    const app = fastify()
    await app.register(make())
    app.get('/', (request) => request.sticky.session.update('n', (n) => Number(n ?? 0) + 1))
    ends.push(() => app.close())
    const first = await app.inject('/')
    const [cookie] = first.cookies
    expect(first.cookies).toEqual([expect.objectContaining({ name: 'limpet', httpOnly: true })])
    const second = await app.inject({ url: '/', cookies: { limpet: cookie?.value ?? '' } })
    expect([first.body, second.body]).toEqual(['1', '2'])
  })

  it('reply.hijack() and the raw response', async () => {
    const app = fastify()
    await app.register(make())
    app.get('/', (request, reply) => {
      reply.hijack()
      reply.raw.writeHead(202, { 'Set-Cookie': 'a=1' }).end(request.sticky.state)
    })
    const answer = await send(await start(app), '/')
    expect(answer).toMatchObject({ status: 202, text: 'new', cookies: [expect.any(String)] })
    expect(answer.headers['set-cookie']).toHaveLength(2)
  })

  it('is for the instance that registers it and all inside, and not for those around it', async () => {
    const app = fastify()
    const limpet = make()
    app.register(
      async (shop) => {
        await shop.register(limpet)
        shop.get('/', (request) => request.sticky.state)
        shop.register(async (inner) => void inner.get('/inner', (request) => request.sticky.state))
      },
      { prefix: '/shop' },
    )
    app.get('/', (request) => String(request.sticky))
    const port = await start(app)
    for (const path of ['/shop', '/shop/inner']) {
      expect(await send(port, path)).toMatchObject({ text: 'new', cookies: [expect.any(String)] })
    }
    expect(await send(port, '/')).toMatchObject({ text: 'undefined', cookies: [] })
  })

  it('routes and hooks that were there before it have the session too, since it was awaited first or is the first plugin', async () => {
    const app = fastify()
    app.get('/early', (request) => request.sticky.state)
    await app.register(make())
    app.addHook('onRequest', async (request) => {
      if (request.sticky.state !== 'new') throw new Error('not new')
    })
    expect(await send(await start(app), '/early')).toMatchObject({ status: 200, text: 'new' })
  })

  it('skip: no cookie, and request.sticky is undefined', async () => {
    const app = fastify()
    await app.register(make({ skip: ({ url }) => url === '/healthz' }))
    app.get('/healthz', (request) => String(request.sticky))
    expect(await send(await start(app), '/healthz')).toMatchObject({ status: 200, text: 'undefined', cookies: [] })
  })

  it('HTTP/2', async () => {
    const app = fastify({ http2: true })
    await app.register(make())
    app.get('/', (request) => request.sticky.state)
    await app.listen({ port: 0, host: '127.0.0.1' })
    ends.push(() => app.close())
    const client = connectHttp2(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
    const stream = client.request({ ':path': '/' })
    const headers = await new Promise<Record<string, unknown>>((resolve) => stream.on('response', resolve))
    client.destroy()
    expect(headers).toMatchObject({ ':status': 200, 'set-cookie': [expect.stringMatching(/^limpet=/)] })
  })

  it('app.close() closes it; of two applications, the last one', async () => {
    const limpet = make()
    const [first, second] = [fastify(), fastify()]
    for (const app of [first, second]) await app.register(limpet).ready()
    await first.close()
    expect(limpet.isReady()).toBe(true)
    await second.close()
    expect(limpet.isReady()).toBe(false)
  })

  it('a second sticky() does nothing, and says so', async () => {
    const events: unknown[] = []
    const app = fastify()
    await app.register(make())
    await app.register(make({ onEvent: (event) => events.push(event), cookie: { name: 'limpet' } }))
    app.get('/', (request) => request.sticky.state)
    expect(await send(await start(app), '/')).toMatchObject({ text: 'new', cookies: [expect.any(String)] })
    expect(events).toMatchObject([{ type: 'warning', code: 'mounted-twice' }])
  })

  it('options given to register() are refused, but for those of register() itself', async () => {
    const wrong = fastify()
    await expect(wrong.register(make(), { idleTimeout: '1h' } as object).ready()).rejects.toMatchObject({
      code: 'ERR_LIMPET_OPTIONS',
      message: expect.stringContaining('app.register(sticky({ idleTimeout }))'),
    })
    await fastify().register(make(), { prefix: '/shop', logLevel: 'warn' }).ready()
  })
})
