import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Group, Handlers } from '../shape.ts'
import { boom } from './boom.ts'
import { failedHeads } from './failed-heads.ts'

const missing = 'no-such-folder/no-such-file'
const cookies = ['early=1; Path=/', 'earlier=2']

/** What an app without a framework does about an error: forget what it had prepared, and say 500. */
function giveUp(res: ServerResponse, status = 500): void {
  for (const name of res.getHeaderNames()) res.removeHeader(name)
  res.writeHead(status, { 'Content-Type': 'text/plain' }).end('it broke')
}

const retry = () =>
  boom('slow down', { status: 429, expose: true, headers: { 'Retry-After': '7', 'Set-Cookie': [...cookies] } })

const thrown: Handlers = {
  node: (_req, res) => {
    try {
      throw boom()
    } catch {
      giveUp(res)
    }
  },
  express: () => {
    throw boom()
  },
  koa: () => {
    throw boom()
  },
  fastify: () => {
    throw boom()
  },
  hono: () => {
    throw boom()
  },
}

export const errors: Group = {
  title: 'Errors',
  rows: [
    { name: 'thrown error', app: thrown, expect: { status: 500 } },
    {
      name: 'rejected promise',
      app: {
        node: (_req, res) => Promise.reject(boom()).catch(() => giveUp(res)),
        express4: (_req, _res, next) => void Promise.reject(boom()).catch(next),
        express: () => Promise.reject(boom()),
        koa: () => Promise.reject(boom()),
        fastify: () => Promise.reject(boom()),
        hono: () => Promise.reject(boom()),
      },
      expect: { status: 500 },
    },
    {
      name: 'thrown after the app set cookies: the framework drops all headers',
      app: {
        node: (_req, res) => {
          res.setHeader('Set-Cookie', [...cookies])
          giveUp(res)
        },
        express: (_req, res) => {
          res.append('Set-Cookie', [...cookies])
          throw boom()
        },
        koa: (ctx) => {
          ctx.append('Set-Cookie', [...cookies])
          throw boom()
        },
        fastify: (_request, reply) => {
          reply.header('Set-Cookie', [...cookies])
          throw boom()
        },
        hono: (c) => {
          for (const cookie of cookies) c.header('Set-Cookie', cookie, { append: true })
          throw boom()
        },
      },
      expect: { status: 500, cookies: [] },
      // They keep headers that they do not know to be about the body.
      on: {
        express4: { cookies },
        express5: { cookies },
        fastify4: { cookies },
        fastify5: { cookies },
        hono: { cookies },
      },
    },
    {
      name: 'error with a status, headers and cookies of its own',
      app: {
        node: (_req, res) => res.writeHead(429, { 'Retry-After': '7', 'Set-Cookie': [...cookies] }).end('slow down'),
        express: () => {
          throw retry()
        },
        koa: () => {
          throw retry()
        },
        fastify: () => {
          throw retry()
        },
      },
      expect: { status: 429, cookies, headers: { 'Retry-After': ['7'] } },
    },
    {
      name: 'something thrown that is no Error',
      app: {
        node: (_req, res) => giveUp(res),
        express: (_req, _res, next) => next('not an error'),
        koa: () => {
          throw 'not an error'
        },
        fastify: () => {
          throw 'not an error'
        },
        hono: () => {
          throw 'not an error'
        },
      },
      expect: { status: 500 },
    },
    {
      name: "the app's own error handler answers",
      app: thrown,
      expressError: (error, _req, res, _next) => void res.status(503).json({ error: error.message }),
      fastifyError: (error, _request, reply) => reply.code(503).send({ error: error.message }),
      honoError: (error, c) => c.json({ error: error.message }, 503),
      behind: {
        connect: (_req, _res, next) => next(),
        koa: async (ctx, next) => {
          try {
            await next()
          } catch (error) {
            ctx.status = 503
            ctx.body = { error: (error as Error).message }
          }
        },
      },
      expect: { status: 503, body: '{"error":"boom"}' },
      on: { http: { status: 500, body: 'it broke' }, http2: { status: 500, body: 'it broke' } },
    },
    {
      name: 'an error handler that removes every header',
      app: thrown,
      expressError: (_error, _req, res, _next) => giveUp(res),
      fastifyError: (_error, _request, reply) => {
        for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
        return reply.code(500).send('it broke')
      },
      honoError: (_error, c) => {
        c.res = new Response('it broke', { status: 500 })
        return c.res
      },
      behind: {
        connect: (_req, _res, next) => next(),
        koa: async (ctx, next) => {
          try {
            await next()
          } catch {
            for (const name of ctx.res.getHeaderNames()) ctx.remove(name)
            ctx.status = 500
            ctx.body = 'it broke'
          }
        },
      },
      expect: { status: 500, body: 'it broke' },
    },
    {
      name: 'a file that is not there',
      app: {
        node: (_req, res) => void createReadStream(missing).on('error', () => giveUp(res, 404)),
        express: (_req, res, next) => void createReadStream(missing).on('error', next).pipe(res),
        koa: async (ctx) => {
          const stream = createReadStream(missing)
          await once(stream, 'open')
          ctx.body = stream
        },
        fastify: (_request, reply) => reply.send(createReadStream(missing)),
      },
      expect: { status: 500 },
      on: { koa2: { status: 404 }, http: { status: 404 }, http2: { status: 404 } },
    },
    {
      name: 'thrown after the head has gone',
      app: {
        node: async (_req, res, kit) => {
          res.writeHead(200, { 'Content-Length': '100' }).write('half')
          await kit.headSeen()
          res.destroy(boom())
        },
        express: async (_req, res, _next, kit) => {
          res.writeHead(200, { 'Content-Length': '100' }).write('half')
          await kit.headSeen()
          throw boom()
        },
        express4: (_req, res, next, kit) => {
          res.writeHead(200, { 'Content-Length': '100' }).write('half')
          void kit.headSeen().then(() => next(boom()))
        },
        koa: async (ctx, kit) => {
          ctx.respond = false
          ctx.res.writeHead(200, { 'Content-Length': '100' }).write('half')
          await kit.headSeen()
          ctx.res.destroy()
          throw boom()
        },
      },
      expect: { status: 200, cut: true },
    },
    ...failedHeads,
  ],
}
