import { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
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

describe('app.use(sticky), without the call, fails when the application starts', () => {
  it.each([
    ['Express 4', () => express4().use(sticky as never)],
    ['Express 4, on a path', () => express4().use('/shop', sticky as never)],
    ['Express 5', () => express().use(sticky as never)],
    ['Express 5, in a list', () => express().use([sticky as never])],
    ['Koa 2', () => new Koa2().use(koaSticky as never)],
    ['Koa 3', () => new Koa().use(koaSticky as never)],
  ])('%s', (_, start) => {
    expect(start).toThrow(uncalled)
  })

  it.each([
    ["Express 4, limpet/koa's", () => express4().use(koaSticky as never), "import { sticky } from 'limpet'"],
    ["Express 5, limpet/koa's", () => express().use(koaSticky as never), "import { sticky } from 'limpet'"],
    ["Koa 2, limpet's", () => new Koa2().use(sticky as never), "import { sticky } from 'limpet/koa'"],
    ["Koa 3, limpet's", () => new Koa().use(sticky as never), "import { sticky } from 'limpet/koa'"],
  ])('%s, from the wrong entry: with both repairs', (_, start, repair) => {
    expect(start).toThrow(uncalled)
    expect(start).toThrow(expect.objectContaining({ message: expect.stringContaining(repair) }))
  })

  it('with the call it starts', () => {
    const options = { secret: SECRET }
    for (const start of [express4, express]) expect(() => start().use(sticky(options))).not.toThrow()
    for (const App of [Koa2, Koa]) expect(() => new App().use(koaSticky(options))).not.toThrow()
  })

  it('where nobody looks at start, the first request fails with the same words', () => {
    const request = { method: 'GET', headers: {}, url: '/' }
    expect(() => sticky(request as never)).toThrow(uncalled)
    expect(() => koaSticky(request as never)).toThrow(uncalled)
  })
})

describe('sticky() from the entry of another framework', () => {
  const options = { secret: SECRET }
  const belongs = (entry: string) =>
    expect.objectContaining({
      code: 'ERR_LIMPET_OPTIONS',
      message: expect.stringContaining(`import { sticky } from '${entry}'`),
    })

  it.each([
    ['Express 4', () => express4().use(koaSticky(options) as never), 'limpet'],
    ['Express 4, on a path', () => express4().use('/shop', koaSticky(options) as never), 'limpet'],
    ['Express 5', () => express().use(koaSticky(options) as never), 'limpet'],
    ['Koa 2', () => new Koa2().use(sticky(options) as never), 'limpet/koa'],
    ['Koa 3', () => new Koa().use(sticky(options) as never), 'limpet/koa'],
  ])('%s: fails when the application starts', (_, start, entry) => {
    expect(start).toThrow(belongs(entry))
  })

  it('where nobody looks at start, each request fails with the same words, and nothing is done to it', () => {
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

/** A request and its response, on a socket that leads nowhere. */
function arrival(cookie?: string) {
  const request = new IncomingMessage(new Socket())
  if (cookie !== undefined) request.headers.cookie = cookie
  return { request, response: new ServerResponse(request) }
}

/** What `work` returned, and the cookie for the next request. */
async function visit<T>(
  middleware: ReturnType<typeof sticky>,
  cookie: string | undefined,
  work: (sticky: Sticky) => Promise<T>,
) {
  const { request, response } = arrival(cookie)
  middleware(request, response, () => undefined)
  const value = await work((request as typeof request & { sticky: Sticky }).sticky)
  response.writeHead(200)
  return { value, cookie: String(response.getHeader('Set-Cookie')).split(';')[0] }
}
