import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { sticky as fastifySticky } from '../../../src/fastify.ts'
import { sticky as honoSticky } from '../../../src/hono.ts'
import { type StickyOptions, sticky } from '../../../src/index.ts'
import { sticky as koaSticky } from '../../../src/koa.ts'
import type { Sticky } from '../../../src/ports/sticky.ts'

const require = createRequire(import.meta.url)
// The older majors have no type declarations under these names.
const express4: typeof express = require('express4')
const Koa2: typeof Koa = require('koa2')
const fastify4: typeof fastify = require('fastify4')

/** What a handler answers. A thrown error is answered by the framework. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export type Handler = (sticky: Sticky, request: { method: string; path: string }) => Promise<Reply> | Reply

export interface Framework {
  readonly name: string
  /** An application whose every request is answered by the handler. `trust`: believe what proxies say. */
  make(options: StickyOptions, handler: Handler, trust?: boolean): App
}

export interface App {
  readonly listener: RequestListener
  close(): Promise<void>
}

const facts = (request: { method?: string | undefined; url?: string | undefined }) => ({
  method: request.method ?? 'GET',
  path: request.url ?? '/',
})

function connectApp(create: typeof express) {
  return (options: StickyOptions, handler: Handler, trust = false): App => {
    const handle = sticky(options)
    const app = create()
    // Express prints errors otherwise.
    app.set('env', 'test')
    if (trust) app.set('trust proxy', 1)
    app.use(handle)
    app.use((req, res, next) => {
      Promise.resolve(handler(req.sticky, facts(req))).then(({ status = 200, headers = {}, body = '' }) => {
        res.status(status).set(headers).json(body)
      }, next)
    })
    return { listener: app, close: handle.close }
  }
}

function koaApp(Application: typeof Koa) {
  return (options: StickyOptions, handler: Handler, trust = false): App => {
    const handle = koaSticky(options)
    const app = new Application({ proxy: trust })
    // Koa prints errors otherwise.
    app.silent = true
    app.use(handle)
    app.use(async (ctx) => {
      const { status = 200, headers = {}, body = '' } = await handler(ctx.sticky, facts(ctx.req))
      ctx.status = status
      ctx.set(headers)
      ctx.body = JSON.stringify(body)
    })
    return { listener: app.callback(), close: handle.close }
  }
}

function fastifyApp(create: typeof fastify) {
  return (options: StickyOptions, handler: Handler, trust = false): App => {
    const app = create({ trustProxy: trust })
    app.register(fastifySticky(options))
    // Bodies are nobody's business here.
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    app.all('*', async (request, reply) => {
      const { status = 200, headers = {}, body = '' } = await handler(request.sticky, facts(request.raw))
      return reply.code(status).headers(headers).type('application/json').send(JSON.stringify(body))
    })
    const ready = app.ready()
    return {
      listener: (req, res) => void ready.then(() => app.routing(req, res)),
      close: async () => void (await app.close()),
    }
  }
}

/** `bindings` false: without Node's own request and response, as on a server that knows `fetch` alone. */
function honoApp(bindings: boolean) {
  return (options: StickyOptions, handler: Handler): App => {
    const handle = honoSticky(options)
    const app = new Hono()
    app.use(handle)
    app.all('*', async (c) => {
      const { pathname, search } = new URL(c.req.url)
      const request = { method: c.req.method, path: pathname + search }
      const { status = 200, headers = {}, body = '' } = await handler(c.get('sticky'), request)
      return c.body(JSON.stringify(body), status as 200, headers)
    })
    // Hono prints errors to the console otherwise.
    app.onError((_error, c) => c.text('Internal Server Error', 500))
    const fetch = bindings ? app.fetch : (request: Request) => app.fetch(request)
    return { listener: getRequestListener(fetch) as RequestListener, close: handle.close }
  }
}

function plainApp(options: StickyOptions, handler: Handler): App {
  const handle = sticky(options)
  const answer = async (req: IncomingMessage & { sticky?: Sticky }, res: ServerResponse) => {
    try {
      if (!req.sticky) throw new Error('sticky() did not run')
      const { status = 200, headers = {}, body = '' } = await handler(req.sticky, facts(req))
      res.writeHead(status, headers).end(JSON.stringify(body))
    } catch {
      res.writeHead(500).end('Internal Server Error')
    }
  }
  return { listener: (req, res) => handle(req, res, () => void answer(req, res)), close: handle.close }
}

export const express5: Framework = { name: 'Express 5', make: connectApp(express) }
export const koa3: Framework = { name: 'Koa 3', make: koaApp(Koa) }
export const plain: Framework = { name: 'node:http', make: plainApp }

export const honoByFetch: Framework = { name: 'Hono, by fetch alone', make: honoApp(false) }

export const frameworks: readonly Framework[] = [
  express5,
  { name: 'Express 4', make: connectApp(express4) },
  koa3,
  { name: 'Koa 2', make: koaApp(Koa2) },
  { name: 'Fastify 5', make: fastifyApp(fastify) },
  { name: 'Fastify 4', make: fastifyApp(fastify4) },
  { name: 'Hono', make: honoApp(true) },
  honoByFetch,
  plain,
]

/** What a request says of its session, as JSON. */
export const describeSession: Handler = ({ id, state, reason, owner, backend, misdirected }) => ({
  body: { id, state, reason, owner, backend, misdirected },
})
