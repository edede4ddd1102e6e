import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Http2Server } from 'node:http2'
import expressSession from 'express-session'
import type { FastifyPluginCallback, FastifyRequest } from 'fastify'
import type { Context, MiddlewareHandler } from 'hono'
import type Koa from 'koa'
import koaSession from 'koa-session'
import type { ConnectMiddleware } from './shape.ts'

export interface Seen {
  readonly id: string
  readonly state: 'new' | 'resumed' | 'adopted'
}

/** A session middleware, mounted for one cell. `C` is where it keeps the session: the request, or a context. */
export interface Mounted<M, C> {
  readonly middleware: M
  /** Called on every request before the app's handler: what the middleware took the client for. */
  look(carrier: C): Seen
  write(carrier: C): Promise<void>
}

export interface Contender {
  readonly label: string
  /** The name of its cookie, and of those it sets beside it. */
  readonly cookie: string
  readonly companions: readonly string[]
  /** `name=value` of a companion that comes with the session cookie to a client which has not sent it back, and not to one which has. */
  readonly hint?: string
  connect?(): Mounted<ConnectMiddleware, IncomingMessage>
  koa?(app: Koa): Mounted<Koa.Middleware, Koa.Context>
  fastify?(): Mounted<FastifyPluginCallback, FastifyRequest>
  hono?(): Mounted<MiddlewareHandler, Context>
  /** For what does not wait until an application calls it. */
  attach?(server: Server | Http2Server, how: 'connect' | 'koa' | 'fastify' | 'hono'): void
}

const nobody = { look: () => ({ id: '', state: 'new' }) as const, write: async () => {} }

/** No session middleware at all: what each shape sends by itself. */
export const bare: Contender = {
  label: 'bare',
  cookie: 'limpet',
  companions: [],
  connect: () => ({ ...nobody, middleware: (_req, _res, next) => next() }),
  koa: () => ({ ...nobody, middleware: (_ctx, next) => next() }),
  fastify: () => ({ ...nobody, middleware: (_instance, _options, done) => done() }),
  hono: () => ({ ...nobody, middleware: (_c, next) => next() }),
}

/** `rolling` makes it set its cookie on every response, and every request changes its session besides. */
export const expressSessionContender: Contender = {
  label: 'express-session',
  cookie: 'connect.sid',
  companions: [],
  connect() {
    type WithSession = IncomingMessage & { sessionID: string; session: Record<string, unknown> }
    const secret = 'a secret of at least thirty-two bytes'
    const handle = expressSession({ secret, resave: false, saveUninitialized: true, rolling: true })
    return {
      middleware: handle as unknown as ConnectMiddleware,
      look(req) {
        const { sessionID: id, session } = req as WithSession
        const state = session.requests === undefined ? 'new' : 'resumed'
        session.requests = Number(session.requests ?? 0) + 1
        return { id, state }
      },
      async write(req) {
        ;(req as WithSession).session.written = randomUUID()
      },
    }
  },
}

/** `rolling` as above; it keeps its data in the cookie, which is its default. */
export const koaSessionContender: Contender = {
  label: 'koa-session',
  cookie: 'koa.sess',
  companions: ['koa.sess.sig'],
  koa(app) {
    app.keys = ['a secret of at least thirty-two bytes']
    const sessionOf = (ctx: Koa.Context) => ctx.session as unknown as Record<string, unknown>
    return {
      middleware: koaSession({ rolling: true }, app) as Koa.Middleware,
      look(ctx) {
        const session = sessionOf(ctx)
        const state = session.id === undefined ? 'new' : 'resumed'
        session.id ??= randomUUID()
        session.requests = Number(session.requests ?? 0) + 1
        return { id: String(session.id), state }
      },
      async write(ctx) {
        sessionOf(ctx).written = randomUUID()
      },
    }
  },
}
