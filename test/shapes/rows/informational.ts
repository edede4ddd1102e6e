import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { answer, bodyOf, type Group, raw } from '../shape.ts'

const hints = { link: '</style.css>; rel=preload; as=style' }
const posted = { method: 'POST', body: 'question' } as const

const echo = raw(
  async (req, res) => void res.writeHead(201, { 'Set-Cookie': 'a=1' }).end(await bodyOf(req)),
  async (ctx) => {
    ctx.append('Set-Cookie', 'a=1')
    ctx.body = await bodyOf(ctx.req)
    ctx.status = 201
  },
)

function processing(res: ServerResponse): void {
  if (res.req.httpVersionMajor === 1) res.writeProcessing()
  else (res as unknown as Http2ServerResponse).stream.additionalHeaders({ ':status': 102 })
}

export const informational: Group = {
  title: 'Informational responses',
  rows: [
    {
      name: '103 Early Hints, then 200',
      app: raw(
        (_req, res) => {
          res.setHeader('Set-Cookie', 'a=1')
          res.writeEarlyHints(hints)
          res.statusCode = 200
          res.end('x')
        },
        (ctx) => {
          ctx.append('Set-Cookie', 'a=1')
          ctx.res.writeEarlyHints(hints)
          ctx.body = 'x'
        },
      ),
      expect: { status: 200, body: 'x', cookies: ['a=1'], informational: [103] },
    },
    {
      name: '103 two times, then 404',
      app: raw(
        (_req, res) => {
          res.writeEarlyHints(hints)
          res.writeEarlyHints(hints)
          res.writeHead(404).end('x')
        },
        (ctx) => {
          ctx.res.writeEarlyHints(hints)
          ctx.res.writeEarlyHints(hints)
          ctx.status = 404
          ctx.body = 'x'
        },
      ),
      expect: { status: 404, body: 'x', informational: [103, 103] },
    },
    {
      name: '102 Processing, then 200',
      app: raw(
        (_req, res) => {
          processing(res)
          res.writeHead(200, ['Set-Cookie', 'a=1']).end('x')
        },
        (ctx) => {
          processing(ctx.res)
          ctx.append('Set-Cookie', 'a=1')
          ctx.body = 'x'
        },
      ),
      expect: { status: 200, body: 'x', cookies: ['a=1'], informational: [102] },
    },
    {
      name: '100 Continue, sent by Node',
      request: { ...posted, waitForContinue: true },
      app: echo,
      expect: { status: 201, body: 'question', cookies: ['a=1'], informational: [100] },
    },
    {
      name: '100 Continue, sent by the app',
      request: { ...posted, waitForContinue: true },
      server: (server, listener) => {
        server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
          res.writeContinue()
          listener(req, res)
        })
      },
      app: echo,
      expect: { status: 201, body: 'question', cookies: ['a=1'], informational: [100] },
    },
    {
      name: 'Expect: 100-continue refused by the app with 417',
      request: {
        method: 'POST',
        headers: [
          ['Expect', '100-continue'],
          ['Content-Length', '0'],
        ],
      },
      server: (server, listener) => void server.on('checkContinue', listener),
      app: answer(417, { 'Content-Type': 'text/plain' }, 'no'),
      expect: { status: 417, body: 'no' },
    },
    {
      name: 'an expectation of another kind that the app answers',
      request: { headers: [['Expect', 'a-miracle']] },
      server: (server, listener) => void server.on('checkExpectation', listener),
      app: answer(200, { 'Content-Type': 'text/plain' }, 'granted'),
      expect: { status: 200, body: 'granted' },
    },
  ],
}
