import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { afterEach, describe, expect, it } from 'vitest'
import { type StickyMiddleware, sticky } from '../../src/hono.ts'
import { type LimpetEvent, memoryStore, type StickyOptions } from '../../src/index.ts'
import { cookieOf, send } from '../forward/support/client.ts'
import { serve } from '../http/support/server.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

function make(options: StickyOptions = {}): StickyMiddleware {
  const handle = sticky({ secret: 'a secret of the tests, 32 bytes or more', store: memoryStore(), ...options })
  ends.push(handle.close)
  return handle
}

function application(options: StickyOptions = {}): Hono {
  const app = new Hono()
  app.use(make(options))
  // Hono prints errors to the console otherwise.
  app.onError((error, c) => c.text(error.message, 500))
  app.get('/', async (c) => c.text(String(await c.get('sticky').session.update('n', (n) => Number(n ?? 0) + 1))))
  app.get('/state', (c) => c.text(c.var.sticky?.state ?? 'undefined'))
  app.get('/throw', () => {
    throw new Error('the shop is on fire')
  })
  app.get('/redirect', (c) => c.redirect('/'))
  app.get('/empty', (c) => c.body(null, 204))
  app.get('/two', (c) => {
    c.header('Set-Cookie', 'a=1', { append: true })
    c.header('Set-Cookie', 'b=2', { append: true })
    return c.text('two')
  })
  app.get('/limpet', (c) => c.body('mine', 200, { 'Set-Cookie': ['a=1', 'limpet=mine; Path=/'] }))
  app.get('/stream', (c) => stream(c, async (out) => void (await out.write('streamed'))))
  app.get('/fetched', () => Promise.resolve(frozen('fetched')))
  app.get('/cached', (c) => c.text('cached', 200, { 'Cache-Control': 'public, max-age=60' }))
  app.get('/public', (c) => c.text('public', 200, { 'Cache-Control': 'public' }))
  return app
}

/** A response whose headers cannot be changed, like one of `fetch`. */
function frozen(text: string): Response {
  const response = new Response(text)
  const refuse = () => {
    throw new TypeError('immutable')
  }
  Object.assign(response.headers, { append: refuse, set: refuse, delete: refuse })
  return response
}

const servers = [
  ['on @hono/node-server', (app: Hono) => getRequestListener(app.fetch)],
  ['by fetch alone', (app: Hono) => getRequestListener((request: Request) => app.fetch(request))],
] as const

describe.each(servers)('Hono %s', (_name, listenerOf) => {
  const start = async (app: Hono) => {
    const running = await serve(listenerOf(app))
    ends.push(running.close)
    return running.port
  }

  it('every answer carries one cookie, and those of the application are kept', async () => {
    const port = await start(application())
    const paths = {
      '/': [200, '1', 1],
      '/throw': [500, 'the shop is on fire', 1],
      '/nowhere': [404, '404 Not Found', 1],
      '/redirect': [302, '', 1],
      '/empty': [204, '', 1],
      '/two': [200, 'two', 3],
      '/limpet': [200, 'mine', 2],
      '/stream': [200, 'streamed', 1],
      '/fetched': [200, 'fetched', 1],
      '/public': [200, 'public', 1],
    } as const
    for (const [path, [status, text, count]] of Object.entries(paths)) {
      const answer = await send(port, path)
      expect(answer, path).toMatchObject({ status, text, cookies: [expect.stringMatching(/^limpet=2/)] })
      expect(answer.headers['set-cookie'], path).toHaveLength(count)
    }
    expect(await send(port, '/redirect', { method: 'HEAD' })).toMatchObject({ cookies: [expect.any(String)] })
  })

  it('the cookie brings the session back', async () => {
    const port = await start(application())
    const first = await send(port, '/')
    expect(await send(port, '/', { headers: { cookie: cookieOf(first) } })).toMatchObject({ text: '2' })
  })

  it('no cookie in a shared cache (law 9)', async () => {
    const port = await start(application())
    expect(await send(port, '/cached')).toMatchObject({ cookies: [] })
    expect((await send(port, '/public')).headers['cache-control']).toBe('private')
  })

  it('skip: no cookie and no session', async () => {
    const port = await start(application({ skip: ({ url, headers }) => url === '/state?a=1' && 'host' in headers }))
    expect(await send(port, '/state?a=1')).toMatchObject({ text: 'undefined', cookies: [] })
    expect(await send(port, '/state')).toMatchObject({ text: 'new', cookies: [expect.any(String)] })
  })

  it('mounted twice it is one; a second sticky() does nothing, and says so', async () => {
    const events: LimpetEvent[] = []
    const twice = make()
    const app = new Hono()
    app.use(twice, twice, make({ onEvent: (event) => events.push(event) }))
    app.get('/', (c) => c.text(c.get('sticky').state))
    expect(await send(await start(app), '/')).toMatchObject({ text: 'new', cookies: [expect.any(String)] })
    expect(events).toMatchObject([{ type: 'warning', code: 'mounted-twice' }])
  })

  it('an error of the session has a status that onError can answer with', async () => {
    const app = new Hono()
    app.use(make())
    app.onError((error, c) => c.text(error.name, 'status' in error ? (error.status as 413) : 500))
    app.get('/', async (c) => {
      await c.get('sticky').session.set('long', 'x'.repeat(2_000_000))
      return c.text('saved')
    })
    expect(await send(await start(app), '/')).toMatchObject({ status: 413, text: 'LimpetError' })
  })
})

it('app.request() in a test', async () => {
  const app = application()
  const first = await app.request('/')
  const [cookie = ''] = first.headers.getSetCookie()
  const second = await app.request('/', { headers: { cookie: cookie.split(';')[0] ?? '' } })
  expect(await second.text()).toBe('2')
  const secured = await app.request('https://shop.example/')
  expect(secured.headers.getSetCookie()).toEqual([expect.stringContaining('; Secure')])
})

it('an upgrade that a server made a Response of is left as it is', async () => {
  const app = new Hono()
  app.use(make())
  const upgrade = { status: 101, headers: new Headers(), body: null } as Response
  app.get('/', () => upgrade)
  const response = await app.request('/')
  expect(response).toBe(upgrade)
})

it('with attach(server) also what @hono/node-server answers before Hono: a Host that is none', async () => {
  const limpet = make()
  const app = new Hono()
  app.use(limpet)
  app.get('/', (c) => c.text(c.get('sticky').state))
  const running = await serve(getRequestListener(app.fetch))
  ends.push(running.close)
  limpet.attach(running.server)
  expect(await send(running.port, '/', { headers: { host: 'a b' } })).toMatchObject({
    status: 400,
    cookies: [expect.any(String)],
  })
  expect(await send(running.port, '/')).toMatchObject({ text: 'new', cookies: [expect.any(String)] })
})

it('cannot be passed on by fetch alone: the error says what to use instead, and is the same each time', async () => {
  const app = application({ misdirected: 'reject', backend: { id: 'one' } })
  for (let i = 0; i < 2; i++) {
    const response = await app.request('/')
    expect(response.status).toBe(500)
    expect(await response.text()).toMatch(/serve\(\) of @hono\/node-server; or leave misdirected out/)
  }
})
