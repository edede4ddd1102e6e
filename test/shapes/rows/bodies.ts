import { Readable } from 'node:stream'
import { answer, bodyOf, type Group, raw } from '../shape.ts'

const endMarks = { 'the return of end': 'end() throws', 'the callback of end': 'no callback' }
const text = { 'Content-Type': 'text/plain' }

export const bodies: Group = {
  title: 'Bodies and framing',
  rows: [
    {
      name: 'JSON',
      app: {
        node: (_req, res) => {
          res.setHeader('Content-Type', 'application/json')
          res.end('{"ok":true}')
        },
        express: (_req, res) => res.json({ ok: true }),
        koa: (ctx) => {
          ctx.body = { ok: true }
        },
        fastify: () => Promise.resolve({ ok: true }),
        hono: (c) => c.json({ ok: true }),
      },
      expect: { status: 200, body: '{"ok":true}' },
    },
    {
      name: 'no body',
      app: raw(
        (_req, res) => {
          res.statusCode = 200
          res.end()
        },
        (ctx) => {
          ctx.status = 200
          ctx.body = ''
        },
      ),
      expect: { status: 200, body: '' },
    },
    {
      name: 'end(callback)',
      app: raw((_req, res, kit) => {
        res.statusCode = 200
        res.end(() => kit.mark('the callback of end'))
        kit.mark('the return of end')
      }),
      expect: { status: 200, body: '', marks: endMarks },
    },
    {
      name: 'end(text, encoding, callback)',
      app: raw((_req, res, kit) => {
        res.statusCode = 200
        res.end('6869', 'hex', () => kit.mark('the callback of end'))
        kit.mark('the return of end')
      }),
      expect: { status: 200, body: 'hi', marks: endMarks },
    },
    {
      name: 'write, then end',
      app: raw((_req, res) => {
        res.statusCode = 200
        res.write('one ')
        res.write('two ')
        res.end('three')
      }),
      expect: { status: 200, body: 'one two three' },
    },
    {
      name: 'write(text, callback), the rest from the callback',
      app: raw((_req, res) => {
        res.writeHead(200, { 'Set-Cookie': 'a=1' })
        res.write('one ', () => res.end('two'))
      }),
      expect: { status: 200, body: 'one two', cookies: ['a=1'] },
    },
    {
      name: 'a Content-Length of the app',
      app: answer(200, { ...text, 'Content-Length': '5' }, 'hello'),
      expect: { status: 200, body: 'hello', headers: { 'Content-Length': ['5'] } },
    },
    {
      name: 'corked writes',
      app: raw((_req, res) => {
        res.statusCode = 200
        res.cork()
        res.write('one ')
        res.write('two')
        res.uncork()
        res.end()
      }),
      expect: { status: 200, body: 'one two' },
    },
    {
      name: 'a megabyte',
      app: answer(200, text, 'm'.repeat(1_000_000)),
      expect: { status: 200, body: 'm'.repeat(1_000_000) },
    },
    {
      name: 'HEAD',
      request: { method: 'HEAD' },
      app: answer(200, { ...text, 'Set-Cookie': 'a=1' }, 'not sent'),
      expect: { status: 200, body: '', cookies: ['a=1'] },
    },
    {
      name: 'HEAD of something that is not there',
      request: { method: 'HEAD' },
      app: answer(404, text, 'not sent'),
      expect: { status: 404, body: '' },
    },
    {
      name: 'POST with a body that the app reads',
      request: { method: 'POST', body: 'question' },
      app: raw(
        async (req, res) => void res.writeHead(200, { 'Set-Cookie': 'a=1' }).end(`${await bodyOf(req)}, answered`),
        async (ctx) => {
          ctx.append('Set-Cookie', 'a=1')
          ctx.body = `${await bodyOf(ctx.req)}, answered`
        },
      ),
      expect: { status: 200, body: 'question, answered', cookies: ['a=1'] },
    },
    {
      name: 'POST with a body that nobody reads',
      request: { method: 'POST', body: 'question' },
      app: answer(413, text, 'too much'),
      expect: { status: 413, body: 'too much' },
    },
    {
      name: 'chunks with trailers',
      app: raw((_req, res) => {
        res.writeHead(200, { Trailer: 'X-Sum', 'Set-Cookie': 'a=1' })
        res.write('summed')
        res.addTrailers({ 'X-Sum': '42' })
        res.end()
      }),
      expect: { status: 200, body: 'summed', cookies: ['a=1'], trailers: { 'X-Sum': ['42'] } },
    },
    {
      name: 'the second request on a connection that was kept alive',
      connection: 'kept alive',
      app: answer(200, { 'Set-Cookie': 'a=1' }, 'x'),
      expect: { status: 200, body: 'x', cookies: ['a=1'] },
    },
    {
      name: 'two requests at once on one connection (HTTP/2: two streams)',
      connection: 'pipelined',
      app: answer(200, { 'Set-Cookie': 'a=1' }, 'x'),
      expect: { status: 200, body: 'x', cookies: ['a=1'] },
    },
    {
      name: 'a client of HTTP/1.0',
      request: { version: '1.0' },
      app: raw(
        (_req, res) => {
          res.writeHead(200, { 'Set-Cookie': 'a=1' })
          res.write('one ')
          res.end('two')
        },
        (ctx) => {
          ctx.append('Set-Cookie', 'a=1')
          ctx.body = Readable.from([Buffer.from('one '), Buffer.from('two')])
        },
      ),
      expect: { status: 200, body: 'one two', cookies: ['a=1'], headers: { 'Transfer-Encoding': [] } },
      doesNotApply: { http2: 'there is no HTTP/1.0 on a connection of HTTP/2' },
    },
  ],
}
