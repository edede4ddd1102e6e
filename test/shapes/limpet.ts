import type { IncomingMessage } from 'node:http'
import type { FastifyPluginCallback } from 'fastify'
import type Koa from 'koa'
import type { NodeHandle } from '../../src/adapters/node/handle.ts'
import { sticky as fastifySticky } from '../../src/fastify.ts'
import { sticky as honoSticky } from '../../src/hono.ts'
import { memoryStore, type StickyOptions, sticky } from '../../src/index.ts'
import { sticky as koaSticky } from '../../src/koa.ts'
import type { Sticky } from '../../src/ports/sticky.ts'
import type { Contender } from './contenders.ts'
import type { ConnectMiddleware } from './shape.ts'

const look = ({ id, state }: Sticky) => ({ id, state })
const stickyOf = (req: IncomingMessage) => (req as IncomingMessage & { sticky: Sticky }).sticky
const write = ({ session }: Sticky) => session.set('written', Date.now())

export interface Limpet extends Contender {
  readonly handles: Readonly<Record<'connect' | 'koa' | 'fastify' | 'hono', NodeHandle>>
  close(): Promise<void>
}

/** limpet with a secret, a store in memory, and a hint for the load balancer. Nothing is stored unless a row writes the session. */
export function createLimpet(): Limpet {
  const forConnect = sticky(options())
  const forKoa = koaSticky(options())
  const forFastify = fastifySticky(options())
  const forHono = honoSticky(options())
  return {
    label: 'limpet',
    cookie: 'limpet',
    companions: ['route'],
    hint: 'route=web1',
    connect: () => ({
      middleware: forConnect as unknown as ConnectMiddleware,
      look: (req) => look(stickyOf(req)),
      write: (req) => write(stickyOf(req)),
    }),
    koa: () => ({
      middleware: forKoa as Koa.Middleware,
      look: (ctx) => look(ctx.sticky),
      write: (ctx) => write(ctx.sticky),
    }),
    fastify: () => ({
      middleware: forFastify as FastifyPluginCallback,
      look: (request) => look(request.sticky),
      write: (request) => write(request.sticky),
    }),
    hono: () => ({
      middleware: forHono,
      look: (c) => look(c.get('sticky')),
      write: (c) => write(c.get('sticky')),
    }),
    handles: { connect: forConnect, koa: forKoa, fastify: forFastify, hono: forHono },
    async close() {
      for (const handle of [forConnect, forKoa, forFastify, forHono]) await handle.close()
    },
  }
}

/** The same, attached to the server: the application need not call it, but for Koa, where that puts the session on the context. */
export function createAttached(): Limpet {
  const limpet = createLimpet()
  return {
    ...limpet,
    connect: () => ({
      middleware: (_req, _res, next) => next(),
      look: (req) => look(stickyOf(req)),
      write: (req) => write(stickyOf(req)),
    }),
    attach: (server, how) => limpet.handles[how].attach(server),
  }
}

function options(): StickyOptions {
  // The warning about a second sticky() is what a row provokes; it belongs to other tests.
  const hint = { cookie: 'route', value: 'web1' }
  return { secret: 'a secret of at least thirty-two bytes', store: memoryStore(), hint, onEvent: () => {} }
}
