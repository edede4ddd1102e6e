import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Http2Server } from 'node:http2'
import type { ErrorRequestHandler, Response as ExpressResponse, NextFunction, Request } from 'express'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context, ErrorHandler } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import type Koa from 'koa'
import type { RequestSpec } from './wire/types.ts'

export const servers = [
  'express4',
  'express5',
  'koa2',
  'koa3',
  'fastify4',
  'fastify5',
  'hono',
  'http',
  'http2',
] as const
export type ServerName = (typeof servers)[number]

/** What `@hono/node-server` hands to an application of Hono. */
export type HonoEnv = { Bindings: { incoming: IncomingMessage; outgoing: ServerResponse } }

/** What a shape's code may ask of the run that it is part of. */
export interface Kit {
  /** The name of the session cookie under test: an app may be so bold as to use it too. */
  readonly cookie: string
  readonly server: ServerName
  /** Resolves when the client has the head of the response to the current request in its hands. */
  headSeen(): Promise<void>
  /** Changes the session, so that the response has something new to tell. */
  write(carrier: IncomingMessage | Koa.Context | FastifyRequest | Context): Promise<void>
  /** Leaves a mark that the row expects in `marks`. */
  mark(what: string): void
}

export type NodeHandler = (req: IncomingMessage, res: ServerResponse, kit: Kit) => unknown
export type ExpressHandler = (req: Request, res: ExpressResponse, next: NextFunction, kit: Kit) => unknown
export type KoaHandler = (ctx: Koa.Context, kit: Kit) => unknown
export type FastifyHandler = (request: FastifyRequest, reply: FastifyReply, kit: Kit) => unknown
export type HonoHandler = (c: Context<HonoEnv>, kit: Kit) => Response | Promise<Response>
export type ConnectMiddleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => unknown

/** Something mounted around the session middleware. */
export interface Around {
  readonly connect: ConnectMiddleware
  readonly koa: Koa.Middleware
}

/** The same answer, in the words of each server. */
export interface Handlers {
  /**
   * Connect-shaped: node:http and HTTP/2, and whoever has no words of its own: Express, and Fastify and Hono past their
   * replies.
   */
  readonly node: NodeHandler
  readonly express?: ExpressHandler
  readonly express4?: ExpressHandler
  readonly koa: KoaHandler
  readonly fastify?: FastifyHandler
  readonly hono?: HonoHandler
}

export interface Expected {
  readonly status: number
  /** The app's own Set-Cookie lines, in their order. Default: none. */
  readonly cookies?: readonly string[]
  readonly body?: string | RegExp
  /** All values of a header, in their order. */
  readonly headers?: Readonly<Record<string, readonly string[]>>
  readonly trailers?: Readonly<Record<string, readonly string[]>>
  readonly reason?: string
  readonly informational?: readonly number[]
  /** The app breaks off in the middle, on purpose. */
  readonly cut?: boolean
  /** Marks that the app's code leaves where it gets to, and the word for it when one is missing. */
  readonly marks?: Readonly<Record<string, string>>
  /** 'none': a response that must not carry the session cookie. */
  readonly ours?: 'one' | 'none'
}

export interface Shape {
  readonly name: string
  readonly app: Handlers
  readonly expect: Expected
  /** Where a server answers otherwise by its own rules. */
  readonly on?: Readonly<Partial<Record<ServerName, Partial<Expected>>>>
  /** A server on which the shape has no meaning, and why. */
  readonly doesNotApply?: Readonly<Partial<Record<ServerName, string>>>
  readonly request?: RequestSpec
  /** Default: each request on a connection of its own. */
  readonly connection?: 'kept alive' | 'pipelined'
  readonly front?: Around
  readonly behind?: Around
  readonly expressError?: ErrorRequestHandler
  readonly fastifyError?: (error: Error, request: FastifyRequest, reply: FastifyReply) => unknown
  readonly honoError?: ErrorHandler<HonoEnv>
  /** The session middleware is mounted two times. */
  readonly twice?: boolean
  readonly server?: (
    server: Server | Http2Server,
    listener: (req: IncomingMessage, res: ServerResponse) => void,
  ) => void
  /**
   * With the session middleware the rest of the response is byte for byte what it is without, except for these headers.
   * The map names servers where the response without it is broken by Node itself, and why.
   */
  readonly mayChange?: readonly string[]
  readonly brokenWithout?: Readonly<Partial<Record<ServerName, string>>>
}

export interface Group {
  readonly title: string
  readonly rows: readonly Shape[]
}

/**
 * Answers on the raw response. Koa has words of its own for most of it; where the shape is a call on the raw response, it is made past Koa,
 * with `ctx.respond = false`.
 */
export function raw(handler: NodeHandler, koa?: KoaHandler): Handlers {
  const pastKoa: KoaHandler = (ctx, kit) => {
    ctx.respond = false
    return handler(ctx.req, ctx.res, kit)
  }
  return { node: handler, koa: koa ?? pastKoa }
}

/**
 * Where a framework answers past its own replies, as node:http does, the shape expects of it what it expects of
 * node:http.
 */
export function forServer<T>(
  values: Readonly<Partial<Record<ServerName, T>>> | undefined,
  server: ServerName,
  { fastify, hono }: Handlers,
): T | undefined {
  const own = values?.[server]
  if (own !== undefined) return own
  const isPast = server === 'hono' ? hono === undefined : server.startsWith('fastify') && fastify === undefined
  return isPast ? values?.http : undefined
}

/** The whole body of a request. */
export async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of req) body += chunk
  return body
}

/** A plain answer, by each framework's ordinary calls. Arrays are copied: some middleware pushes into what it finds. */
export function answer(status: number, headers: Record<string, string | string[]>, body?: string): Handlers {
  return {
    node: (_req, res) => {
      res.statusCode = status
      for (const [name, value] of Object.entries(structuredClone(headers))) res.setHeader(name, value)
      res.end(body)
    },
    express: (_req, res) => res.status(status).set(structuredClone(headers)).send(body),
    koa: (ctx) => {
      ctx.status = status
      ctx.set(structuredClone(headers))
      if (body !== undefined) ctx.body = body
    },
    fastify: (_request, reply) => reply.code(status).headers(structuredClone(headers)).send(body),
    hono: (c) => {
      const given = structuredClone(headers)
      return body === undefined ? c.body(null, status as StatusCode, given) : c.body(body, status as never, given)
    },
  }
}
