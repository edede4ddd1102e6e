import { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { inspect } from 'node:util'
import express from 'express'
import Koa from 'koa'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LimpetEvent, memoryStore, type Sticky, sticky } from '../../src/index.ts'
import { sticky as koaSticky } from '../../src/koa.ts'

const require = createRequire(import.meta.url)
// The older majors have no type declarations under these names.
const express4: typeof express = require('express4')
const Koa2: typeof Koa = require('koa2')

const SECRET = '0123456789abcdef0123456789abcdef'
const uncalled = expect.objectContaining({
  code: 'ERR_LIMPET_OPTIONS',
  message: expect.stringContaining('app.use(sticky())'),
})

beforeEach(() => {
  for (const name of ['LIMPET_SECRET', 'REDIS_URL', 'NODE_ENV']) vi.stubEnv(name, undefined)
})
afterEach(() => void vi.unstubAllEnvs())

describe('app.use(sticky), without the call', () => {
  it.each([
    ['Express', sticky, { method: 'GET', headers: {}, url: '/' }],
    ['Koa', koaSticky, Object.create({ method: 'GET', headers: {} })],
  ])('%s: each request is answered with what to write', (_, uncalledSticky, given) => {
    expect(() => Reflect.apply(uncalledSticky, undefined, [given, {}, () => undefined])).toThrow(uncalled)
  })

  it.each([
    ['Express 4', () => express4().use(sticky as never)],
    ['Express 5', () => express().use([sticky as never])],
  ])('%s itself', async (_, make) => {
    const seen: unknown[] = []
    const app = make().use(((error: unknown, _req: unknown, res: ServerResponse, _next: unknown) => {
      seen.push(error)
      res.end()
    }) as never)
    const { request, response } = arrival()
    request.method = 'GET'
    request.url = '/'
    app(request as never, response as never)
    await vi.waitFor(() => expect(seen).toEqual([uncalled]))
  })
})

describe('sticky() from the entry of another framework', () => {
  const options = { secret: SECRET }
  const belongs = (entry: string) =>
    expect.objectContaining({
      code: 'ERR_LIMPET_OPTIONS',
      message: expect.stringContaining(`import { sticky } from '${entry}'`),
    })

  it('the first call fails and names the right one, and nothing is done to the request', () => {
    const { request, response } = arrival()
    const before = { ...response }
    const next = vi.fn()
    expect(() => Reflect.apply(koaSticky(options), undefined, [request, response, next])).toThrow(belongs('limpet'))
    const ctx = { req: request, res: response, headers: {}, socket: {} }
    const asBefore = { ...ctx }
    expect(() => Reflect.apply(sticky(options), undefined, [ctx, next])).toThrow(belongs('limpet/koa'))
    expect({ ...response }).toEqual(before)
    expect(ctx).toEqual(asBefore)
    expect(next).not.toHaveBeenCalled()
    expect('writeHead' in next).toBe(false)
  })

  it.each([
    ['Koa 2', () => new Koa2()],
    ['Koa 3', () => new Koa()],
  ])('%s: its error event tells', async (_, make) => {
    const app = make()
    const seen = vi.fn()
    app.on('error', seen)
    app.use(sticky(options) as never)
    const { request, response } = arrival()
    app.callback()(request, response)
    await vi.waitFor(() => expect(seen.mock.calls[0]?.[0]).toEqual(belongs('limpet/koa')))
  })
})

describe('what tools do to a function that they are handed is harmless', () => {
  const options = { secret: SECRET }
  const made = (): [string, object][] => [
    ['sticky', sticky],
    ['sticky()', sticky(options)],
    ["limpet/koa's sticky", koaSticky],
    ["limpet/koa's sticky()", koaSticky(options)],
  ]
  /** What frameworks, monitors and loggers look at. */
  const READ = ['handle', '_name', 'set', 'name', 'length', 'stack', 'router', 'then', 'toJSON', '__original', 'use']

  it.each(made())('%s: reading, writing and copying its properties', (_, what) => {
    const target = what as Record<string, unknown>
    for (const name of READ) expect(() => target[name]).not.toThrow()
    for (const name of ['handle', '_name', 'set', '__original', '__ddHandle']) {
      target[name] = name
      expect(target[name]).toBe(name)
      delete target[name]
    }
    expect(() => Object.assign({}, what)).not.toThrow()
    expect(() => Object.getOwnPropertyDescriptors(what)).not.toThrow()
    expect(() => inspect(what, { depth: 9, getters: true, showHidden: true })).not.toThrow()
    expect(() => JSON.stringify({ what })).not.toThrow()
  })

  it.each([
    [
      'wrapped',
      (f: Middleware): Middleware =>
        (...args) =>
          f(...args),
    ],
    [
      'wrapped, with all properties copied',
      (f: Middleware) => Object.assign((...args: never) => f(...(args as Parameters<Middleware>)), f),
    ],
    ['bound', (f: Middleware): Middleware => f.bind(undefined)],
    [
      'called by a method',
      (f: Middleware): Middleware =>
        (...args) =>
          ({ f }).f(...args),
    ],
    ['behind a proxy', (f: Middleware): Middleware => new Proxy(f, {})],
    ['frozen', (f: Middleware): Middleware => Object.freeze(f)],
  ])('%s it works as before', async (_, change) => {
    const changed = change(sticky(options))
    const { cookie } = await visit(changed, undefined, ({ session }) => session.set('cart', 1))
    expect((await visit(changed, cookie, ({ session }) => session.get('cart'))).value).toBe(1)
  })
})

describe('what sticky() says at start', () => {
  const heard = (options: Parameters<typeof sticky>[0] = {}) => {
    const events: LimpetEvent[] = []
    sticky({ ...options, onEvent: (event) => events.push(event) })
    return events.map((event) => (event.type === 'warning' ? event.code : event.type))
  }

  it('in production without a secret: it does not start', () => {
    vi.stubEnv('NODE_ENV', 'production')
    for (const start of [sticky, koaSticky]) {
      expect(() => start()).toThrow(expect.objectContaining({ code: 'ERR_LIMPET_SECRET' }))
    }
  })

  it('elsewhere without a secret: a warning, once', () => {
    expect(heard()).toEqual(['random-secret'])
    vi.stubEnv('LIMPET_SECRET', SECRET)
    expect(heard()).toEqual([])
  })

  it('in production without Redis: that backends do not share memory', () => {
    vi.stubEnv('NODE_ENV', 'production')
    vi.stubEnv('LIMPET_SECRET', SECRET)
    expect(heard()).toEqual(['memory-store'])
    expect(heard({ store: memoryStore() })).toEqual([])
  })

  it('to Node, where nobody listens', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    sticky()
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('Set LIMPET_SECRET'), { type: 'LimpetWarning', code: 'LIMPET_RANDOM_SECRET' }],
    ])
    warn.mockRestore()
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('the listener is broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the listener is broken'))],
  ])('a listener that %s does not stop the start, and Node hears of it', async (_, onEvent: () => unknown) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    expect(() => sticky({ onEvent: onEvent as () => void })).not.toThrow()
    await new Promise((resolve) => setImmediate(resolve))
    expect(warn.mock.calls).toEqual([[expect.stringContaining('the listener is broken'), expect.anything()]])
    warn.mockRestore()
  })
})

describe('a process that was restarted', () => {
  it('is another owner, though its backend id is the same', async () => {
    const options = { secret: SECRET, backend: { id: 'web1' }, store: memoryStore() }
    const [before, after] = [sticky(options), sticky(options)]
    const { cookie } = await visit(before, undefined, ({ session }) => session.set('cart', 1))
    const owned = async ({ owner, misdirected, session }: Sticky) => ({
      owner,
      misdirected,
      cart: await session.get('cart'),
    })
    const there = await visit(before, cookie, owned)
    expect(there.value).toEqual({ owner: 'web1', misdirected: false, cart: 1 })
    const here = await visit(after, cookie, owned)
    expect(here.value).toEqual({ owner: 'web1', misdirected: true, cart: 1 })
  })

  it('has a random backend id, unless it is given one', async () => {
    const owners = [sticky({ secret: SECRET }), sticky({ secret: SECRET })].map((one) =>
      visit(one, undefined, async ({ owner, backend }) => [owner, backend]),
    )
    const [[first, same] = [], [second] = []] = (await Promise.all(owners)).map(({ value }) => value)
    expect(first).toMatch(/^[A-Za-z0-9_-]{11}$/)
    expect(same).toBe(first)
    expect(second).not.toBe(first)
  })
})

describe('lost writes, where nobody listens', () => {
  it('are told to Node once, although each session hears of its own', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const options = { secret: SECRET, backend: { id: 'web1' } }
    const before = sticky({ ...options, store: memoryStore() })
    // As after a restart that has lost everything.
    const after = sticky({ ...options, store: memoryStore() })
    for (let i = 0; i < 2; i++) {
      const written = await visit(before, undefined, ({ session }) => session.set('cart', 1))
      const behind = await visit(after, written.cookie, async ({ session }) => {
        await session.get('cart')
        return session.behind
      })
      expect(behind.value).toBe(true)
    }
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(/lost 1 acknowledged write.*Reported once; pass onEvent/),
        { type: 'LimpetWarning', code: 'LIMPET_BEHIND' },
      ],
    ])
    warn.mockRestore()
  })
})

type Middleware = (...args: Parameters<ReturnType<typeof sticky>>) => void

/** A request and its response, on a socket that leads nowhere. */
function arrival(cookie?: string) {
  const request = new IncomingMessage(new Socket())
  if (cookie !== undefined) request.headers.cookie = cookie
  return { request, response: new ServerResponse(request) }
}

/** What `work` returned, and the cookie for the next request. */
async function visit<T>(middleware: Middleware, cookie: string | undefined, work: (sticky: Sticky) => Promise<T>) {
  const { request, response } = arrival(cookie)
  middleware(request, response, () => undefined)
  const value = await work((request as typeof request & { sticky: Sticky }).sticky)
  response.writeHead(200)
  return { value, cookie: String(response.getHeader('Set-Cookie')).split(';')[0] }
}
