import { createServer, type RequestListener } from 'node:http'
import express from 'express'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { type LimpetEvent, sticky } from '../../src/index.ts'
import { sticky as koaSticky } from '../../src/koa.ts'
import { ask } from '../http/support/client.ts'
import { closeAll, later, listen, quiet } from './support/apps.ts'

afterEach(closeAll)

const HTTPS = { headers: { 'x-forwarded-proto': 'https' } }
const HTTP = { headers: { 'x-forwarded-proto': 'http' } }
const untrusted = [{ type: 'warning', code: 'untrusted-proxy', message: expect.stringMatching(/does not trust it/) }]

interface Site {
  readonly port: number
  readonly events: readonly LimpetEvent[]
}

/** `/front` is answered in front of limpet, `/outside` by a listener that is no part of the application. */
type Make = (trust: boolean) => Promise<Site>

async function serve(
  listener: RequestListener,
  limpet: Pick<ReturnType<typeof sticky>, 'attach' | 'close'>,
): Promise<number> {
  later(() => limpet.close())
  const server = createServer((req, res) => (req.url === '/outside' ? void res.end() : listener(req, res)))
  limpet.attach(server)
  return listen(server)
}

const sites: [string, Make, front: 'known' | 'unknown'][] = [
  [
    'Express',
    async (trust) => {
      const { options, events } = quiet()
      const limpet = sticky(options)
      const app = express()
      if (trust) app.set('trust proxy', 1)
      app.get('/front', (_req, res) => void res.end())
      app.use(limpet).use((_req, res) => void res.end())
      return { port: await serve(app, limpet), events }
    },
    'known',
  ],
  [
    'Koa',
    async (trust) => {
      const { options, events } = quiet()
      const limpet = koaSticky(options)
      const app = new Koa({ proxy: trust })
      app.use((ctx, next) => {
        if (ctx.path !== '/front') return next()
        ctx.body = ''
      })
      app.use(limpet).use((ctx) => {
        ctx.body = ''
      })
      return { port: await serve(app.callback(), limpet), events }
    },
    'unknown',
  ],
]

const isSecure = async ({ port }: Site, path: string, how: { headers?: Record<string, string> } = {}) => {
  const { cookies } = await ask(port, path, how)
  expect(cookies).toHaveLength(1)
  return /; Secure(;|$)/.test(cookies[0] ?? '')
}

describe.each(sites)('%s: Secure is decided when the head leaves', (_name, make, front) => {
  it('as the framework says that trusts its proxy', async () => {
    const site = await make(true)
    expect(await isSecure(site, '/', HTTPS)).toBe(true)
    expect(await isSecure(site, '/', HTTP)).toBe(false)
    expect(await isSecure(site, '/')).toBe(false)
    expect(site.events).toEqual([])
  })

  it('as the framework says that does not', async () => {
    const site = await make(false)
    expect(await isSecure(site, '/', HTTPS)).toBe(false)
    expect(site.events).toEqual(untrusted)
  })

  it('a response that no framework had, or not yet: no cookie that is Secure loses that', async () => {
    const site = await make(true)
    for (const path of ['/front', '/outside']) {
      expect(await isSecure(site, path, HTTPS)).toBe(true)
      expect(await isSecure(site, path, HTTP)).toBe(false)
      expect(await isSecure(site, path)).toBe(false)
    }
    expect(site.events).toEqual([])
  })

  it('the same where the framework would not trust the proxy, and has not been asked', async () => {
    const site = await make(false)
    expect(await isSecure(site, '/outside', HTTPS)).toBe(true)
    expect(await isSecure(site, '/front', HTTPS)).toBe(front === 'unknown')
    expect(site.events).toEqual(front === 'unknown' ? [] : untrusted)
  })
})

it('called by hand in front of Express: Express is asked all the same', async () => {
  const { options, events } = quiet()
  const limpet = sticky(options)
  later(() => limpet.close())
  const app = express().set('trust proxy', 1)
  app.use((_req, res) => void res.end())
  const site = { port: await listen(createServer((req, res) => limpet(req, res, () => app(req, res)))), events }
  expect([await isSecure(site, '/', HTTPS), await isSecure(site, '/', HTTP)]).toEqual([true, false])
})
