import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { createApp, createError, createRouter, defineEventHandler, fromNodeMiddleware, toNodeListener } from 'h3'
import serverless from 'serverless-http'
import { createServer as createVite } from 'vite'
import { afterEach, describe, expect, it } from 'vitest'
import { memoryStore, type Sticky, sticky } from '../../src/index.ts'
import { cookieOf, send } from '../forward/support/client.ts'
import { serve } from '../http/support/server.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

function make() {
  const limpet = sticky({ secret: 'a secret of the tests, 32 bytes or more', store: memoryStore() })
  ends.push(limpet.close)
  return limpet
}

async function start(listener: RequestListener): Promise<number> {
  const running = await serve(listener)
  ends.unshift(running.close)
  return running.port
}

const count = ({ sticky }: IncomingMessage & { sticky?: Sticky }) =>
  sticky?.session.update('n', (n) => Number(n ?? 0) + 1)

describe('h3, and with it Nitro and Nuxt', () => {
  it('fromNodeMiddleware(limpet): the cookie is on every answer', async () => {
    const router = createRouter()
      .get(
        '/',
        defineEventHandler(async (event) => String(await count(event.node.req))),
      )
      .get(
        '/teapot',
        defineEventHandler(() => {
          throw createError({ statusCode: 418 })
        }),
      )
    const app = createApp({ onError: () => undefined })
      .use(fromNodeMiddleware(make()))
      .use(router)
    const port = await start(toNodeListener(app))
    const first = await send(port, '/')
    expect(await send(port, '/', { headers: { cookie: cookieOf(first) } })).toMatchObject({ text: '2' })
    for (const [path, status] of [
      ['/', 200],
      ['/teapot', 418],
      ['/nowhere', 404],
    ] as const) {
      expect(await send(port, path), path).toMatchObject({ status, cookies: [expect.any(String)] })
    }
  })
})

describe("Vite's dev server", () => {
  it('server.middlewares.use(limpet) in a plugin: pages, modules and what is not there carry the cookie', async () => {
    const root = mkdtempSync(join(tmpdir(), 'limpet-vite-'))
    ends.push(() => rmSync(root, { recursive: true }))
    writeFileSync(join(root, 'index.html'), '<script type="module" src="/main.js"></script>')
    writeFileSync(join(root, 'main.js'), 'export const answer = 42')
    const limpet = make()
    const vite = await createVite({
      root,
      configFile: false,
      logLevel: 'silent',
      cacheDir: join(root, '.cache'),
      server: { middlewareMode: true, ws: false, watch: null },
      plugins: [{ name: 'sessions', configureServer: ({ middlewares }) => void middlewares.use(limpet) }],
    })
    ends.unshift(() => vite.close())
    const port = await start(vite.middlewares)
    const first = await send(port, '/', { headers: { accept: 'text/html' } })
    expect(first).toMatchObject({
      status: 200,
      text: expect.stringContaining('main.js'),
      cookies: [expect.any(String)],
    })
    const main = await send(port, '/main.js', { headers: { cookie: cookieOf(first) } })
    expect(main).toMatchObject({ status: 200, text: expect.stringContaining('42'), cookies: [expect.any(String)] })
    expect(await send(port, '/nothing.png')).toMatchObject({ cookies: [expect.any(String)] })
  })
})

describe('serverless-http', () => {
  it('the cookie is in the answer of the function, and brings the session back', async () => {
    const app = express()
    app.set('env', 'test')
    app.use(make())
    app.get('/', async (req, res) => void res.send(String(await count(req))))
    app.get('/throw', () => {
      throw new Error('the shop is on fire')
    })
    const handler = serverless(app)
    const call = async (path: string, cookie = '') => {
      const event = { httpMethod: 'GET', path, headers: { cookie }, multiValueHeaders: {}, requestContext: {} }
      return (await handler(event, {})) as {
        statusCode: number
        body: string
        headers: Record<string, string>
        multiValueHeaders?: Record<string, string[]>
      }
    }
    const cookieIn = ({ headers, multiValueHeaders = {} }: Awaited<ReturnType<typeof call>>) =>
      [multiValueHeaders['set-cookie'] ?? headers['set-cookie'] ?? []].flat()
    const first = await call('/')
    expect(cookieIn(first)).toEqual([expect.stringMatching(/^limpet=2/)])
    const second = await call('/', cookieIn(first)[0]?.split(';')[0])
    expect([first.body, second.body]).toEqual(['1', '2'])
    for (const [path, status] of [
      ['/throw', 500],
      ['/nowhere', 404],
    ] as const) {
      const answer = await call(path)
      expect(answer.statusCode).toBe(status)
      expect(cookieIn(answer)).toHaveLength(1)
    }
  })
})

describe('a server of your own around a framework that has the whole request, as Next.js and Remix want it', () => {
  it('limpet(req, res, () => handle(req, res)): the framework finds req.sticky, and its every answer has the cookie', async () => {
    const limpet = make()
    // What such a framework hands out: one function for all requests.
    const handle = async (req: IncomingMessage, res: Parameters<RequestListener>[1]) => {
      if (req.url === '/nowhere') res.writeHead(404).end()
      else res.end(String(await count(req)))
    }
    const port = await start((req, res) => limpet(req, res, () => void handle(req, res)))
    const first = await send(port, '/')
    expect(await send(port, '/', { headers: { cookie: cookieOf(first) } })).toMatchObject({ text: '2' })
    expect(await send(port, '/nowhere')).toMatchObject({ status: 404, cookies: [expect.any(String)] })
  })
})
