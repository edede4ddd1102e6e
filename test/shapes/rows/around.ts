import { createReadStream, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import compression from 'compression'
import type Koa from 'koa'
import koaCompress from 'koa-compress'
import { loadExpress, loadKoa } from '../servers/load.ts'
import { type Around, answer, type ConnectMiddleware, type Group, type Handlers, type Shape } from '../shape.ts'

const folder = fileURLToPath(new URL('../public', import.meta.url))
const file = `${folder}/hello.txt`
const express = loadExpress('express')
const KoaApplication = loadKoa('koa')

const compress: Around = {
  connect: compression({ threshold: 0 }) as unknown as ConnectMiddleware,
  koa: koaCompress({ threshold: 0, br: false }) as unknown as Koa.Middleware,
}
const gzip = { headers: [['Accept-Encoding', 'gzip']] } as const
const compressed: Pick<Shape, 'request' | 'expect'> = {
  request: gzip,
  expect: { status: 200, body: 'c'.repeat(5000), cookies: ['a=1'], headers: { 'Content-Encoding': ['gzip'] } },
}
const long = answer(200, { 'Content-Type': 'text/plain', 'Set-Cookie': 'a=1' }, 'c'.repeat(5000))

/** Both kinds of middleware from one function that patches the raw response. */
const patching = (patch: (res: ServerResponse) => void): Around => ({
  connect: (_req, res, next) => {
    patch(res)
    next()
  },
  koa: (ctx, next) => {
    patch(ctx.res)
    return next()
  },
})

type AnyCall = (...args: unknown[]) => unknown

const patchWriteHead = patching((res) => {
  const original = res.writeHead as AnyCall
  res.writeHead = ((...args: unknown[]) => {
    res.appendHeader('Set-Cookie', 'late=1')
    return original.apply(res, args)
  }) as typeof res.writeHead
})

const patchEnd = patching((res) => {
  const original = res.end as AnyCall
  res.end = ((...args: unknown[]) => {
    res.end = original as typeof res.end
    return original.apply(res, args)
  }) as typeof res.end
})

const serveFiles = express.static(folder) as unknown as ConnectMiddleware

const files: Handlers = {
  node: (req, res) => serveFiles(req, res, () => res.writeHead(404).end()),
  express: (req, res, next) => express.static(folder)(req, res, next),
  express4: (req, res, next) => loadExpress('express4').static(folder)(req, res, next),
  koa: (ctx) => {
    const { size, mtime } = statSync(file)
    if (ctx.path !== '/hello.txt') return
    ctx.status = 200
    ctx.set('Cache-Control', 'public, max-age=0')
    ctx.lastModified = mtime
    ctx.etag = `${size}-${mtime.getTime()}`
    if (ctx.fresh) {
      ctx.status = 304
      return
    }
    ctx.type = 'text/plain'
    const part = ctx.get('Range') === 'bytes=0-4'
    if (part) {
      ctx.status = 206
      ctx.set('Content-Range', `bytes 0-4/${size}`)
    }
    ctx.length = part ? 5 : size
    ctx.body = createReadStream(file, part ? { start: 0, end: 4 } : {})
  },
}
// Law 9: what says "public" and carries the cookie says "private" instead.
const mayChange = ['Cache-Control']

const nested: Handlers = {
  node: (req, res) => {
    const inner = new KoaApplication()
    inner.use((ctx) => {
      ctx.append('Set-Cookie', 'a=1')
      ctx.body = 'from inside'
    })
    return inner.callback()(req, res)
  },
  express: (req, res, next) => {
    const inner = express()
    inner.get('/', (_req, res) => void res.append('Set-Cookie', 'a=1').send('from inside'))
    inner(req, res, next)
  },
  koa: (ctx) => {
    ctx.respond = false
    return nested.node(ctx.req, ctx.res, undefined as never)
  },
}

export const aroundRows: Group = {
  title: 'Among other middleware',
  rows: [
    { name: 'compression in front of ours', app: long, front: compress, ...compressed },
    { name: 'compression behind ours', app: long, behind: compress, ...compressed },
    { name: 'another middleware in front wraps writeHead', ...wrapped(), front: patchWriteHead },
    { name: 'another middleware behind wraps writeHead', ...wrapped(), behind: patchWriteHead },
    {
      name: 'another middleware wraps end',
      app: answer(200, { 'Set-Cookie': 'a=1' }, 'x'),
      behind: patchEnd,
      expect: { status: 200, body: 'x', cookies: ['a=1'] },
    },
    {
      name: 'ours mounted two times',
      app: answer(200, { 'Set-Cookie': 'a=1' }, 'x'),
      twice: true,
      expect: { status: 200, body: 'x', cookies: ['a=1'] },
    },
    {
      name: 'answered by an application mounted inside',
      app: nested,
      expect: { status: 200, body: 'from inside', cookies: ['a=1'] },
    },
    {
      name: 'static file',
      app: files,
      request: { path: '/hello.txt' },
      expect: { status: 200, body: 'Hello from a file.\n' },
      mayChange,
    },
    {
      name: 'static file, 304',
      app: files,
      request: { path: '/hello.txt', headers: [['If-None-Match', '*']] },
      expect: { status: 304, body: '' },
      mayChange,
    },
    {
      name: 'static file, 206 for a range',
      app: files,
      request: { path: '/hello.txt', headers: [['Range', 'bytes=0-4']] },
      expect: { status: 206, body: 'Hello' },
      mayChange,
    },
    {
      name: 'static file, HEAD',
      app: files,
      request: { path: '/hello.txt', method: 'HEAD' },
      expect: { status: 200, body: '' },
      mayChange,
    },
    { name: 'static file that is not there', app: files, request: { path: '/nothing.txt' }, expect: { status: 404 } },
  ],
}

function wrapped(): Pick<Shape, 'app' | 'expect'> {
  // Fastify and Hono give writeHead all headers, which replace what was appended before: so by node:http's words, past their replies.
  const { node, express, koa } = answer(200, { 'Set-Cookie': 'a=1' }, 'x')
  return {
    app: { node, koa, ...(express ? { express } : {}) },
    expect: { status: 200, body: 'x', cookies: ['a=1', 'late=1'] },
  }
}
