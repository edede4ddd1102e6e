import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stream } from 'hono/streaming'
import { type Group, raw } from '../shape.ts'

const parts = ['one ', 'two ', 'three']

/** Two parts and then an error, once the client has the head: the response can only be broken off. */
async function* failing(headSeen: () => Promise<void>) {
  yield 'one '
  await headSeen()
  throw new Error('the source dried up')
}

export const streams: Group = {
  title: 'Streams and events',
  rows: [
    {
      name: 'a stream piped into the response',
      app: {
        node: (_req, res) => {
          res.setHeader('Set-Cookie', 'a=1')
          res.statusCode = 200
          Readable.from(parts).pipe(res)
        },
        koa: (ctx) => {
          ctx.set('Set-Cookie', 'a=1')
          ctx.body = Readable.from(parts.map((part) => Buffer.from(part)))
        },
        fastify: (_request, reply) => reply.header('Set-Cookie', 'a=1').send(Readable.from(parts)),
        hono: (c) => {
          c.header('Set-Cookie', 'a=1')
          return stream(c, async (out) => {
            for (const part of parts) await out.write(part)
          })
        },
      },
      expect: { status: 200, body: parts.join(''), cookies: ['a=1'] },
    },
    {
      name: 'pipeline()',
      app: raw(
        async (_req, res) => {
          res.writeHead(200, { 'Set-Cookie': 'a=1' })
          await pipeline(Readable.from(parts), new PassThrough(), res)
        },
        (ctx) => {
          const through = new PassThrough()
          ctx.append('Set-Cookie', 'a=1')
          ctx.body = through
          return void pipeline(Readable.from(parts), through)
        },
      ),
      expect: { status: 200, body: parts.join(''), cookies: ['a=1'] },
    },
    {
      name: 'a stream that breaks off in the middle',
      app: raw(async (_req, res, kit) => {
        res.statusCode = 200
        await pipeline(Readable.from(failing(kit.headSeen)), res).catch(() => kit.mark('the error of the source'))
      }),
      expect: { status: 200, cut: true, marks: { 'the error of the source': 'no error' } },
    },
    {
      name: 'server-sent events: flushHeaders, the first event later',
      app: {
        node: async (_req, res, kit) => {
          res.setHeader('Content-Type', 'text/event-stream')
          res.setHeader('Set-Cookie', 'a=1')
          res.statusCode = 200
          res.flushHeaders()
          await kit.headSeen()
          res.write('data: one\n\n')
          res.end('data: two\n\n')
        },
        koa: async (ctx, kit) => {
          const events = new PassThrough()
          ctx.status = 200
          ctx.type = 'text/event-stream'
          ctx.set('Set-Cookie', 'a=1')
          ctx.body = events
          ctx.flushHeaders()
          void kit.headSeen().then(() => {
            events.write('data: one\n\n')
            events.end('data: two\n\n')
          })
        },
        fastify: (_request, reply, kit) => {
          const events = new PassThrough()
          // The head leaves with the first event.
          events.write('data: one\n\n')
          void kit.headSeen().then(() => events.end('data: two\n\n'))
          return reply.header('Content-Type', 'text/event-stream').header('Set-Cookie', 'a=1').send(events)
        },
        hono: (c, kit) => {
          c.header('Set-Cookie', 'a=1')
          c.header('Content-Type', 'text/event-stream')
          // Its streamSSE would keep the connection, which these clients want closed.
          return stream(c, async (events) => {
            await events.write('data: one\n\n')
            await kit.headSeen()
            await events.write('data: two\n\n')
          })
        },
      },
      expect: { status: 200, body: 'data: one\n\ndata: two\n\n', cookies: ['a=1'] },
    },
    {
      name: 'long polling: answered when the handler has long returned',
      app: {
        node: (_req, res) => void setImmediate(() => setTimeout(() => res.writeHead(200).end('at last'), 1)),
        koa: async (ctx) => {
          await new Promise((resolve) => setTimeout(resolve, 1))
          ctx.body = 'at last'
        },
        fastify: async () => {
          await new Promise((resolve) => setTimeout(resolve, 1))
          return 'at last'
        },
        hono: async (c) => {
          await new Promise((resolve) => setTimeout(resolve, 1))
          return c.text('at last')
        },
      },
      expect: { status: 200, body: 'at last' },
    },
    {
      name: 'answered when the middleware has returned (Koa: ctx.respond = false)',
      app: raw((_req, res) => {
        setImmediate(() => {
          res.statusCode = 202
          res.appendHeader('Set-Cookie', 'a=1')
          res.write('one ')
          setImmediate(() => res.end('two'))
        })
      }),
      expect: { status: 202, body: 'one two', cookies: ['a=1'] },
    },
  ],
}
