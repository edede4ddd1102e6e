import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import express from 'express'
import Koa from 'koa'
import inject from 'light-my-request'
import { createMocks, createRequest, createResponse } from 'node-mocks-http'
import { afterEach, describe, expect, it, test } from 'vitest'
import { memoryStore, type Sticky, type StickyOptions, sticky } from '../../src/index.ts'
import { sticky as koaSticky } from '../../src/koa.ts'

let handles: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(handles.map((handle) => handle.close()))
  handles = []
})

const SECRET = 'a secret of the tests, 32 bytes or more'

function started(options: StickyOptions = {}) {
  const handle = sticky({ secret: SECRET, store: memoryStore(), ...options })
  handles.push(handle)
  return handle
}

const nothing = () => undefined

/** As untyped code would call it. Resolves to what stands on the request when `next` is called, rejects with what was thrown. */
async function call(request: unknown, response: unknown, options: StickyOptions = {}): Promise<Sticky> {
  const handle = started(options)
  await new Promise<void>((resolve, reject) => {
    Reflect.apply(handle, undefined, [request, response, (error?: unknown) => (error ? reject(error) : resolve())])
  })
  return (request as { sticky: Sticky }).sticky
}

const misuse = (message: RegExp) =>
  expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS', message: expect.stringMatching(message) })

/** A session that works. */
async function works(found: Sticky): Promise<void> {
  await found.session.set('n', 1)
  expect(await found.session.get('n')).toBe(1)
  await found.regenerate({ user: 'ada' })
  expect(await found.session.all()).toEqual({ n: 1, user: 'ada' })
}

describe('light-my-request', () => {
  const visit = async (listener: inject.DispatchFunc) => {
    const first = await inject(listener, { url: '/' })
    const [cookie = ''] = [first.headers['set-cookie']].flat()
    const second = await inject(listener, { url: '/', headers: { cookie: String(cookie).split(';')[0] } })
    return [first.payload, second.payload]
  }

  it('Express: the session goes on', async () => {
    const app = express().use(started())
    app.get('/', async (req, res) => {
      res.json(await req.sticky.session.update('n', (n) => Number(n ?? 0) + 1))
    })
    expect(await visit(app as unknown as inject.DispatchFunc)).toEqual(['1', '2'])
  })

  it('Koa: the session goes on', async () => {
    const limpet = koaSticky({ secret: SECRET, store: memoryStore() })
    handles.push(limpet)
    const app = new Koa().use(limpet)
    app.use(async (ctx) => {
      ctx.body = String(await ctx.sticky.session.update('n', (n) => Number(n ?? 0) + 1))
    })
    expect(await visit(app.callback() as unknown as inject.DispatchFunc)).toEqual(['1', '2'])
  })
})

describe('node-mocks-http', () => {
  it('a session, and a cookie when the head is written', async () => {
    const { req, res } = createMocks({ method: 'GET', url: '/' }, { eventEmitter: EventEmitter })
    const found = await call(req, res)
    await works(found)
    res.setHeader('Set-Cookie', 'own=1')
    res.writeHead(200)
    expect(res.getHeader('Set-Cookie')).toEqual(['own=1', expect.stringMatching(/^limpet=2/)])
  })

  it('the session of a cookie goes on', async () => {
    const store = memoryStore()
    const response = createResponse()
    const first = await call(createRequest(), response, { store })
    await first.session.set('n', 1)
    response.writeHead(200)
    const cookie = String(response.getHeader('Set-Cookie')).split(';')[0]
    const again = await call(createRequest({ headers: { cookie: cookie ?? '' } }), createResponse(), { store })
    expect(again).toMatchObject({ id: first.id, state: 'resumed' })
    expect(await again.session.get('n')).toBe(1)
  })
})

describe('objects that somebody made up', () => {
  it.each<[what: string, request: object, response: object, options?: StickyOptions]>([
    ['no socket', { headers: {} }, {}],
    ['no prototype', Object.assign(Object.create(null), { headers: Object.create(null) }), Object.create(null)],
    ['a cookie of others', { headers: { cookie: 'a=1; limpet=no' } }, {}],
    ['frozen headers', { headers: Object.freeze({ cookie: 'a=1' }) }, {}],
    ['a proxy that says https, and no socket', { headers: { 'x-forwarded-proto': 'https' } }, {}],
    ['a secure cookie, and no socket', { headers: {} }, {}, { cookie: { secure: true }, onEvent: nothing }],
    ['no headers of its own', Object.create({ headers: {} }), {}],
    ['a response without writeHead, for a socket', { headers: {}, url: '/', method: 'GET' }, { on: nothing }],
  ])('%s: a session', async (_, request, response, options) => {
    await works(await call(request, response, options))
  })

  const plain = { headers: {} }
  it.each<[what: string, request: unknown, response: unknown, message: RegExp]>([
    ['no request', undefined, {}, /called without a request: write app\.use\(sticky\(\)\), or limpet\(request/],
    ['null', null, {}, /called without a request/],
    ['a text', '/', {}, /called without a request/],
    ['no headers', {}, {}, /the request has no headers: pass one of node:http, or an object like \{ headers/],
    ['headers: null', { headers: null }, {}, /the request has no headers/],
    ['no response', plain, undefined, /called without a response: .* or \{\} where nothing is sent/],
    ['a frozen request', Object.freeze({ headers: {} }), {}, /frozen or sealed.*Object\.create\(request\)/],
    ['a sealed request', Object.seal({ headers: {} }), {}, /frozen or sealed/],
    ['a frozen response', { headers: {} }, Object.freeze({ writeHead: nothing }), /frozen or sealed/],
    [
      'a request of the Fetch API',
      new Request('http://a/'),
      {},
      /of the Fetch API.*Object\.fromEntries\(request\.head/,
    ],
  ])('%s: an error that says what to write', async (_, request, response, message) => {
    await expect(call(request, response)).rejects.toEqual(misuse(message))
  })

  test('what the error about a frozen request says to write works', async () => {
    await works(await call(Object.create(Object.freeze({ headers: {} })), {}))
  })

  test('what the error about the Fetch API says to write works', async () => {
    const request = new Request('http://a/', { headers: { cookie: 'a=1' } })
    const found = await call({ headers: Object.fromEntries(request.headers) }, {})
    await works(found)
  })

  test('no next: an error that says what to write', () => {
    expect(() => Reflect.apply(started(), undefined, [{ headers: {} }, {}])).toThrow(misuse(/called without next/))
  })

  test('a response that cannot carry a cookie: the error names what it lacks', async () => {
    const response = { writeHead: nothing as unknown as ServerResponse['writeHead'], getHeader: nothing }
    await call({ headers: {} }, response)
    expect(() => response.writeHead(200)).toThrow(
      misuse(/no getHeaderNames\(\), setHeader\(\), removeHeader\(\), so no/),
    )
  })

  test('Koa: a context without req', () => {
    const limpet = koaSticky({ secret: SECRET, store: memoryStore() })
    handles.push(limpet)
    expect(() => Reflect.apply(limpet, undefined, [{}, nothing])).toThrow(misuse(/in Koa a context with req and res/))
  })

  test('an error of Node itself stays what it is', async () => {
    const { req, res } = createMocks<IncomingMessage, ServerResponse>()
    await call(req, res)
    const app = express().use(started())
    app.get('/', (_, response) => void response.writeHead(200, { 'a b': '1' }))
    const { statusCode } = await inject(app as unknown as inject.DispatchFunc, { url: '/' })
    expect(statusCode).toBe(500)
  })
})
