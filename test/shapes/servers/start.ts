import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttp2, type Http2Server, type ServerHttp2Session } from 'node:http2'
import type { Contender, Seen } from '../contenders.ts'
import type { Kit, ServerName, Shape } from '../shape.ts'
import { connectListener } from './connect.ts'
import { fastifyListener } from './fastify.ts'
import { honoListener } from './hono.ts'
import { koaListener } from './koa.ts'

export type Listener = (req: IncomingMessage, res: ServerResponse) => void

/** What a server's listener is made of: the shape, and where to tell what happened. */
export interface Stage {
  readonly shape: Shape
  readonly server: ServerName
  readonly contender: Contender
  /** Each server adds `write`, which depends on where it keeps the session. */
  readonly kit: Omit<Kit, 'write'>
  /** Told of each request, before the app answers. */
  seen(seen: Seen): void
  /** Told of errors that nobody caught. */
  uncaught(error: unknown): void
}

export interface Running {
  readonly port: number
  close(): Promise<void>
}

const LISTENERS = { connect: connectListener, koa: koaListener, fastify: fastifyListener, hono: honoListener }
const KINDS: Partial<Record<ServerName, keyof typeof LISTENERS>> = {
  koa2: 'koa',
  koa3: 'koa',
  fastify4: 'fastify',
  fastify5: 'fastify',
  hono: 'hono',
}

export async function startServer(stage: Stage, options: ServerOptions = {}): Promise<Running> {
  const kind = KINDS[stage.server] ?? 'connect'
  const listener = await LISTENERS[kind](stage)
  const guarded: Listener = (req, res) => {
    try {
      listener(req, res)
    } catch (error) {
      stage.uncaught(error)
      req.socket.destroy()
    }
  }
  // The compat API of HTTP/2 offers what the listeners need of IncomingMessage and ServerResponse; the types do not say so.
  const server: Server | Http2Server =
    stage.server === 'http2'
      ? createHttp2(guarded as unknown as Parameters<typeof createHttp2>[1])
      : createHttp(options, guarded)
  stage.contender.attach?.(server, kind)
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session: ServerHttp2Session) => sessions.add(session))
  stage.shape.server?.(server, guarded)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return {
    port: address.port,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      for (const session of sessions) session.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
