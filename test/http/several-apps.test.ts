import express from 'express'
import Koa from 'koa'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type LimpetEvent, memoryStore, type StickyOptions, sticky } from '../../src/index.ts'
import { sticky as koaSticky } from '../../src/koa.ts'
import { ask, Browser } from './support/client.ts'
import { keepTrouble } from './support/events.ts'
import { type App, express5, type Handler, koa3 } from './support/frameworks.ts'
import { type Running, serve } from './support/server.ts'

const SECRET = 'a secret of the tests, 32 bytes or more'

const counter: Handler = async ({ session, reason, backend }, { method }) => {
  if (method === 'POST') await session.update('n', (n) => ((n as number | undefined) ?? 0) + 1)
  return { body: { n: await session.get('n'), reason, backend, behind: session.behind } }
}

let open: { running: Running; app: App }[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const { running, app } of open) {
    await running.close()
    await app.close()
  }
  open = []
})

async function start(framework: typeof express5, options: StickyOptions) {
  const events: LimpetEvent[] = []
  const app = framework.make({ onEvent: keepTrouble(events), ...options }, counter)
  const running = await serve(app.listener)
  open.push({ running, app })
  return { port: running.port, events, app }
}

const body = async (browser: Browser, port: number, method = 'GET') =>
  JSON.parse((await browser.ask(port, '/', { method })).body)

describe('several applications in one process', () => {
  it('do not share data, although they share the secret and the cookie', async () => {
    const one = await start(express5, { secret: SECRET })
    const other = await start(koa3, { secret: SECRET })
    const browser = new Browser()
    expect(await body(browser, one.port, 'POST')).toMatchObject({ n: 1 })
    const there = await body(browser, other.port)
    expect(there.n).toBeUndefined()
    expect(there).toMatchObject({ reason: 'valid', behind: true })
    expect(await body(new Browser(), other.port, 'POST')).toMatchObject({ n: 1 })
  })

  it('do not share a secret that they made up', async () => {
    vi.stubEnv('LIMPET_SECRET', undefined)
    const one = await start(express5, {})
    const other = await start(express5, {})
    const browser = new Browser()
    await body(browser, one.port)
    expect(await body(browser, other.port)).toMatchObject({ reason: 'unknown-key' })
  })

  it('do not share backend ids, remembered tokens, warnings, or options', async () => {
    const one = await start(express5, { secret: SECRET, idleTimeout: '1h' })
    const other = await start(express5, { secret: SECRET, cookie: { lifetime: 'session' } })
    const [a, b] = [new Browser(), new Browser()]
    const first = await body(a, one.port)
    const second = await body(b, other.port)
    expect(first.backend).not.toBe(second.backend)
    const plainProxy = { headers: { 'x-forwarded-proto': 'https' } }
    await a.ask(one.port, '/', plainProxy)
    expect([one.events.length, other.events.length]).toEqual([1, 0])
    await b.ask(other.port, '/', plainProxy)
    expect([one.events.length, other.events.length]).toEqual([1, 1])
    const [cookie] = (await a.ask(other.port)).cookies
    expect(cookie).not.toContain('Max-Age')
  })

  it('share a store that is handed to both', async () => {
    const store = memoryStore()
    const one = await start(express5, { secret: SECRET, store })
    const other = await start(koa3, { secret: SECRET, store })
    const browser = new Browser()
    await body(browser, one.port, 'POST')
    expect(await body(browser, other.port, 'POST')).toMatchObject({ n: 2, behind: false })
  })

  it('end apart: closing one leaves the other, and a store handed to both, at work', async () => {
    const store = memoryStore()
    const one = await start(express5, { secret: SECRET, store })
    const other = await start(express5, { secret: SECRET, store })
    const browser = new Browser()
    await body(browser, one.port, 'POST')
    await one.app.close()
    expect(await body(browser, other.port, 'POST')).toMatchObject({ n: 2 })
  })
})

describe('two sticky() in one application', () => {
  const two = () => {
    const events: LimpetEvent[] = []
    const options = { secret: SECRET, store: memoryStore(), onEvent: keepTrouble(events) }
    return { events, outer: options, inner: { ...options, cookie: { name: 'shop' } } }
  }
  const names = async (port: number, path: string) =>
    ((await ask(port, path)).headers['set-cookie'] ?? []).map((cookie) => cookie.split('=')[0])
  const second = [
    {
      type: 'warning',
      code: 'mounted-twice',
      message: expect.stringMatching(/second sticky\(\), which does nothing.*remove it; or, .*do not pass it/),
    },
  ]

  it('Express: both on the way of one request: the first counts, and the second says once what to do', async () => {
    const { outer, inner, events } = two()
    const app = express().use(sticky(outer)).use('/shop', sticky(inner))
    app.use((_req, res) => void res.end())
    const running = await serve(app)
    for (let i = 0; i < 2; i++) expect(await names(running.port, '/shop')).toEqual(['limpet'])
    expect(events).toEqual(second)
    await running.close()
  })

  it('Express: each where the other is not, as the warning says: both work', async () => {
    const { outer, inner, events } = two()
    const shop = express.Router().use(sticky(inner), (_req, res) => void res.end())
    const app = express().use('/shop', shop).use(sticky(outer))
    app.use((_req, res) => void res.end())
    const running = await serve(app)
    expect([await names(running.port, '/shop'), await names(running.port, '/')]).toEqual([['shop'], ['limpet']])
    expect(events).toEqual([])
    await running.close()
  })

  it('Koa: both on the way of one request: the same', async () => {
    const { outer, inner, events } = two()
    const running = await serve(new Koa().use(koaSticky(outer)).use(koaSticky(inner)).callback())
    for (let i = 0; i < 2; i++) expect(await names(running.port, '/')).toEqual(['limpet'])
    expect(events).toEqual(second)
    await running.close()
  })
})
