import type { OutgoingHttpHeader } from 'node:http'
import { type Group, raw, type ServerName } from '../shape.ts'

const cookies = ['a=1; Path=/', 'b=2; Max-Age=60']
/** Node documents arrays of pairs and takes them, but its types only know the flat kind. */
const pairs = (...list: [string, string][]) => list as unknown as OutgoingHttpHeader[]

const node20 = "Node 20 loses a name's second value in an array when another header was set before"
const setsBefore: readonly ServerName[] = ['express4', 'express5']
const brokenWithout = Object.fromEntries(setsBefore.map((server) => [server, node20]))

const lastSpelling =
  'Node keeps only the last spelling of a name when another header was set before, and always over HTTP/2'

const bigNames = Array.from({ length: 12 }, (_, i) => `X-Big-${i}`)
const twenty = Array.from({ length: 20 }, (_, i) => `c${i}=${i}`)

export const writeHead: Group = {
  title: 'writeHead',
  rows: [
    {
      name: 'writeHead(status)',
      app: raw((_req, res) => void res.writeHead(201).end('x')),
      expect: { status: 201, body: 'x' },
    },
    {
      name: 'writeHead(status, reason)',
      app: raw((_req, res) => void res.writeHead(200, 'Fine').end('x')),
      expect: { status: 200, body: 'x', reason: 'Fine' },
      on: { http2: { reason: '' } },
    },
    {
      name: 'writeHead(status, headers)',
      app: raw(
        (_req, res) => void res.writeHead(200, { 'X-A': '1', 'Content-Length': 1, 'Set-Cookie': 'a=1' }).end('x'),
      ),
      expect: { status: 200, body: 'x', cookies: ['a=1'], headers: { 'X-A': ['1'] } },
    },
    {
      name: 'writeHead(status, reason, headers)',
      app: raw((_req, res) => void res.writeHead(200, 'Fine', { 'X-A': '1', 'Set-Cookie': 'a=1' }).end('x')),
      expect: { status: 200, body: 'x', cookies: ['a=1'], headers: { 'X-A': ['1'] }, reason: 'Fine' },
      on: { http2: { reason: '' } },
    },
    {
      name: 'writeHead(status, undefined, headers)',
      app: raw((_req, res) => {
        Reflect.apply(res.writeHead, res, [200, undefined, { 'X-A': '1', 'Set-Cookie': 'a=1' }])
        res.end('x')
      }),
      expect: { status: 200, body: 'x', cookies: ['a=1'], headers: { 'X-A': ['1'] } },
    },
    {
      name: 'headers with several cookies in one array',
      app: raw((_req, res) => void res.writeHead(200, { 'set-cookie': [...cookies] }).end('x')),
      expect: { status: 200, body: 'x', cookies },
    },
    {
      name: 'headers with the cookies in two spellings of the name',
      app: raw((_req, res) => {
        res.writeHead(200, { 'Set-Cookie': 'a=1', 'X-A': '1', 'set-cookie': ['b=2', 'c=3'] }).end('x')
      }),
      expect: { status: 200, body: 'x', cookies: ['a=1', 'b=2', 'c=3'], headers: { 'X-A': ['1'] } },
      brokenWithout: { express4: lastSpelling, express5: lastSpelling, http2: lastSpelling },
    },
    {
      name: 'headers with another name in two spellings',
      app: raw((_req, res) => void res.writeHead(200, { 'X-A': '1', 'x-a': '2' }).end('x')),
      expect: { status: 200, body: 'x', headers: { 'X-A': ['1', '2'] } },
      on: Object.fromEntries([...setsBefore, 'http2'].map((server) => [server, { headers: { 'X-A': ['2'] } }])),
      // The value is the same, and the second line says X-A instead of x-a.
      mayChange: ['X-A'],
    },
    {
      name: 'headers in the place of the reason, and headers: the last ones count',
      app: raw((_req, res) => {
        Reflect.apply(res.writeHead, res, [
          200,
          { 'X-A': '1', 'Set-Cookie': 'a=1' },
          { 'X-B': '2', 'Set-Cookie': 'b=2' },
        ])
        res.end('x')
      }),
      expect: { status: 200, body: 'x', cookies: ['b=2'], headers: { 'X-A': [], 'X-B': ['2'] } },
    },
    {
      name: 'writeHead(status, false, headers)',
      app: raw((_req, res) => {
        Reflect.apply(res.writeHead, res, [200, false, { 'X-A': '1', 'Set-Cookie': 'a=1' }])
        res.end('x')
      }),
      expect: { status: 200, body: 'x', cookies: ['a=1'], headers: { 'X-A': ['1'] } },
    },
    {
      name: 'headers with an empty name: left out when another header was set before',
      app: raw((_req, res) => {
        res.setHeader('X-A', '1')
        res.writeHead(200, { '': 'nothing', 'X-B': '2', 'Set-Cookie': 'a=1' }).end('x')
      }),
      expect: { status: 200, body: 'x', cookies: ['a=1'], headers: { 'X-A': ['1'], 'X-B': ['2'] } },
      doesNotApply: { http2: 'Node refuses it over HTTP/2 always' },
    },
    {
      name: 'headers as a flat array',
      app: raw((_req, res) => void res.writeHead(200, ['X-A', '1', 'Set-Cookie', 'a=1', 'X-B', '2']).end('x')),
      expect: { status: 200, body: 'x', cookies: ['a=1'], headers: { 'X-A': ['1'], 'X-B': ['2'] } },
    },
    {
      name: 'a flat array with names that come again',
      app: raw((_req, res) => {
        const list = ['Set-Cookie', 'a=1; Path=/', 'Link', '</1>', 'Set-Cookie', 'b=2; Max-Age=60', 'Link', '</2>']
        res.writeHead(200, list).end('x')
      }),
      expect: { status: 200, body: 'x', cookies, headers: { Link: ['</1>', '</2>'] } },
      brokenWithout,
    },
    {
      name: 'a flat array that replaces headers set before',
      app: raw((_req, res) => {
        res.setHeader('X-A', 'old')
        res.setHeader('Set-Cookie', ['old=1', 'old=2'])
        res.writeHead(200, ['X-A', 'new', 'Set-Cookie', 'a=1']).end('x')
      }),
      expect: { status: 200, body: 'x', cookies: ['a=1'], headers: { 'X-A': ['new'] } },
    },
    {
      name: 'a reason and a flat array',
      app: raw((_req, res) => void res.writeHead(200, 'Fine', ['X-A', '1', 'Set-Cookie', 'a=1']).end('x')),
      expect: { status: 200, body: 'x', cookies: ['a=1'], headers: { 'X-A': ['1'] }, reason: 'Fine' },
      on: { http2: { reason: '' } },
    },
    {
      name: 'headers as an array of pairs',
      app: raw((_req, res) => {
        res
          .writeHead(200, pairs(['Set-Cookie', 'a=1; Path=/'], ['X-A', '1'], ['Set-Cookie', 'b=2; Max-Age=60']))
          .end('x')
      }),
      expect: { status: 200, body: 'x', cookies, headers: { 'X-A': ['1'] } },
      brokenWithout: Object.fromEntries(
        setsBefore.map((server) => [server, 'Node 20 takes no pairs when another header was set before']),
      ),
    },
    {
      name: 'headers that replace and add to those set before',
      app: raw((_req, res) => {
        res.setHeader('X-A', 'old')
        res.setHeader('X-B', 'kept')
        res.setHeader('Set-Cookie', 'old=1')
        res.writeHead(200, { 'x-a': 'new', 'Set-Cookie': [...cookies] }).end('x')
      }),
      expect: { status: 200, body: 'x', cookies, headers: { 'X-A': ['new'], 'X-B': ['kept'] } },
    },
    {
      name: 'writeHead(status) after setHeader with an array',
      app: raw((_req, res) => {
        res.setHeader('Set-Cookie', [...cookies])
        res.setHeader('X-List', ['1', '2'])
        res.writeHead(200).end('x')
      }),
      expect: { status: 200, body: 'x', cookies, headers: { 'X-List': ['1', '2'] } },
    },
    {
      name: 'writeHead with the status as text and an empty list',
      app: raw((_req, res) => {
        res.setHeader('Set-Cookie', 'a=1')
        Reflect.apply(res.writeHead, res, ['200', []])
        res.end('x')
      }),
      expect: { status: 200, body: 'x', cookies: ['a=1'] },
    },
    {
      name: 'setHeaders with a Map (HTTP/2 has none: one by one)',
      app: raw((_req, res) => {
        const headers = new Map<string, string | string[]>([
          ['X-A', '1'],
          ['Set-Cookie', [...cookies]],
        ])
        if (res.req.httpVersionMajor === 1) res.setHeaders(headers as Map<string, string>)
        else for (const [name, value] of headers) res.setHeader(name, value)
        res.writeHead(200).end('x')
      }),
      expect: { status: 200, body: 'x', cookies, headers: { 'X-A': ['1'] } },
    },
    {
      name: 'a reason by statusMessage',
      app: raw(
        (_req, res) => {
          res.statusCode = 200
          if (res.req.httpVersionMajor === 1) res.statusMessage = 'Very Fine'
          res.end('x')
        },
        (ctx) => {
          ctx.status = 200
          ctx.message = 'Very Fine'
          ctx.body = 'x'
        },
      ),
      expect: { status: 200, body: 'x', reason: 'Very Fine' },
      on: { http2: { reason: '' } },
    },
    {
      name: 'flushHeaders, then the body',
      app: raw(
        (_req, res) => {
          res.statusCode = 200
          res.setHeader('Set-Cookie', 'a=1')
          res.flushHeaders()
          res.end('x')
        },
        (ctx) => {
          ctx.status = 200
          ctx.append('Set-Cookie', 'a=1')
          ctx.flushHeaders()
          ctx.body = 'x'
        },
      ),
      expect: { status: 200, body: 'x', cookies: ['a=1'] },
    },
    {
      name: 'a big head: 12 KB of headers and 20 cookies',
      app: raw(
        (_req, res) => {
          for (const name of bigNames) res.setHeader(name, 'x'.repeat(1000))
          res.writeHead(200, { 'Set-Cookie': [...twenty] }).end('x')
        },
        (ctx) => {
          for (const name of bigNames) ctx.set(name, 'x'.repeat(1000))
          ctx.set('Set-Cookie', [...twenty])
          ctx.body = 'x'
        },
      ),
      expect: { status: 200, body: 'x', cookies: twenty },
    },
  ],
}
