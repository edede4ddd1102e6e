import { createServer, type RequestListener, type Server } from 'node:http'
import express from 'express'
import Koa from 'koa'
import { type LimpetEvent, memoryStore, type StickyOptions, sticky } from '../../../src/index.ts'
import { sticky as koaSticky } from '../../../src/koa.ts'
import type { Sticky } from '../../../src/ports/sticky.ts'
import { keepTrouble } from '../../http/support/events.ts'

export const SECRET = 'a secret of the tests, 32 bytes or more'

/** Options of a test, and where what it warns of is kept. */
export function quiet(more: StickyOptions = {}): { options: StickyOptions; events: LimpetEvent[] } {
  const events: LimpetEvent[] = []
  return { options: { secret: SECRET, store: memoryStore(), onEvent: keepTrouble(events), ...more }, events }
}

/** An application in two parts, so that a test can attach between them. Each answers `{ id }`; `/front` is answered in front of limpet. */
export interface App {
  readonly limpet: ReturnType<typeof sticky> | ReturnType<typeof koaSticky>
  /** `app.use(limpet)`, and what comes behind it. */
  mount(): void
  readonly listener: RequestListener
}

export interface Framework {
  readonly name: string
  make(options: StickyOptions): App
}

export const frameworks: readonly Framework[] = [
  {
    name: 'Express',
    make(options) {
      const limpet = sticky(options)
      const app = express()
      app.set('env', 'test')
      app.get('/front', (_req, res) => void res.send('front'))
      const mount = () => {
        app.use(limpet)
        app.get('/', (req, res) => void res.json({ id: req.sticky.id }))
      }
      return { limpet, mount, listener: app }
    },
  },
  {
    name: 'Koa',
    make(options) {
      const limpet = koaSticky(options)
      const app = new Koa()
      app.silent = true
      const callback = app.callback.bind(app)
      app.use((ctx, next) => {
        if (ctx.path !== '/front') return next()
        ctx.body = 'front'
      })
      const mount = () => {
        app.use(limpet)
        app.use((ctx) => {
          if (ctx.path === '/') ctx.body = { id: ctx.sticky.id }
        })
      }
      // Composed when it is first asked, so that what is mounted later counts too.
      let listener: RequestListener | undefined
      const lazily: RequestListener = (req, res) => {
        listener ??= callback()
        return listener(req, res)
      }
      return { limpet, mount, listener: lazily }
    },
  },
  {
    name: 'node:http, without app.use()',
    make(options) {
      const limpet = sticky(options)
      const listener: RequestListener = (req, res) => {
        if (req.url === '/front') return void res.end('front')
        if (req.url !== '/') return void res.writeHead(404).end()
        res.setHeader('Content-Type', 'application/json')
        res.end(JSON.stringify({ id: (req as typeof req & { sticky: Sticky }).sticky.id }))
      }
      return { limpet, mount: () => undefined, listener }
    },
  },
]

const running: Server[] = []
const ends: (() => unknown)[] = []

/** Closed by `closeAll`. */
export async function listen(server: Server): Promise<number> {
  running.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return portOf(server)
}

export function portOf(server: { address(): unknown }): number {
  return (server.address() as { port: number }).port
}

export function later(end: () => unknown): void {
  ends.push(end)
}

export async function closeAll(): Promise<void> {
  for (const end of ends.splice(0)) await end()
  for (const server of running.splice(0)) {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
}

export { createServer }
