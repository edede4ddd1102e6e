import { setCookie } from 'hono/cookie'
import { answer, type Group, raw } from '../shape.ts'

const two = ['a=1; Path=/', 'b=2; Max-Age=60']

const capitals = { cookies: ['a=1; Path=/; HttpOnly'] }

const near = ['limpet2=1', 'limpet-x=2', 'my-limpet=3', 'Limpet=4', 'x=limpet=5']

export const cookies: Group = {
  title: "The app's cookies",
  rows: [
    {
      name: 'one, as a string',
      app: answer(200, { 'Set-Cookie': 'a=1; Path=/' }, 'x'),
      expect: { status: 200, body: 'x', cookies: ['a=1; Path=/'] },
    },
    {
      name: 'two, as an array',
      app: answer(200, { 'Set-Cookie': two }, 'x'),
      expect: { status: 200, body: 'x', cookies: two },
    },
    {
      name: 'none, as an empty array',
      app: answer(200, { 'Set-Cookie': [] }, 'x'),
      expect: { status: 200, body: 'x', cookies: [] },
    },
    {
      name: "by the framework's own call",
      app: {
        node: (_req, res) => {
          res.setHeader('Set-Cookie', 'a=1; path=/; httponly')
          res.end('x')
        },
        express: (_req, res) => res.cookie('a', '1', { httpOnly: true }).send('x'),
        koa: (ctx) => {
          ctx.cookies.set('a', '1', { httpOnly: true, signed: false })
          ctx.body = 'x'
        },
        hono: (c) => {
          setCookie(c, 'a', '1', { httpOnly: true })
          return c.text('x')
        },
      },
      expect: { status: 200, body: 'x', cookies: ['a=1; path=/; httponly'] },
      on: { express4: capitals, express5: capitals, hono: capitals },
    },
    {
      name: 'appended one by one',
      app: {
        node: (_req, res) => {
          for (const cookie of two) res.appendHeader('Set-Cookie', cookie)
          res.end('x')
        },
        express: (_req, res) => {
          for (const cookie of two) res.append('Set-Cookie', cookie)
          res.send('x')
        },
        koa: (ctx) => {
          for (const cookie of two) ctx.append('Set-Cookie', cookie)
          ctx.body = 'x'
        },
        fastify: (_request, reply) => {
          for (const cookie of two) reply.header('Set-Cookie', cookie)
          return reply.send('x')
        },
        hono: (c) => {
          for (const cookie of two) c.header('Set-Cookie', cookie, { append: true })
          return c.text('x')
        },
      },
      expect: { status: 200, body: 'x', cookies: two },
    },
    {
      name: 'set, then replaced by setHeader',
      app: raw(
        (_req, res) => {
          res.setHeader('Set-Cookie', 'old=1')
          res.setHeader('set-cookie', [...two])
          res.writeHead(200).end('x')
        },
        (ctx) => {
          ctx.set('Set-Cookie', 'old=1')
          ctx.set('set-cookie', [...two])
          ctx.body = 'x'
        },
      ),
      expect: { status: 200, body: 'x', cookies: two },
    },
    {
      name: 'set, then removed',
      app: raw(
        (_req, res) => {
          res.setHeader('Set-Cookie', [...two])
          res.removeHeader('Set-Cookie')
          res.writeHead(200).end('x')
        },
        (ctx) => {
          ctx.set('Set-Cookie', [...two])
          ctx.remove('Set-Cookie')
          ctx.body = 'x'
        },
      ),
      expect: { status: 200, body: 'x', cookies: [] },
    },
    {
      name: 'all headers removed just before the end',
      app: {
        node: (_req, res) => {
          res.setHeader('Set-Cookie', [...two])
          for (const name of res.getHeaderNames()) res.removeHeader(name)
          res.statusCode = 200
          res.end('x')
        },
        koa: (ctx) => {
          ctx.set('Set-Cookie', [...two])
          for (const name of ctx.res.getHeaderNames()) ctx.remove(name)
          ctx.body = 'x'
        },
      },
      expect: { status: 200, body: 'x', cookies: [] },
    },
    {
      name: 'the same name two times, in order',
      app: answer(200, { 'Set-Cookie': ['a=1; Path=/', 'a=2; Path=/deep', 'a=3'] }, 'x'),
      expect: { status: 200, body: 'x', cookies: ['a=1; Path=/', 'a=2; Path=/deep', 'a=3'] },
    },
    {
      name: 'a cookie under our name, set before',
      app: {
        node: (_req, res, kit) => {
          res.setHeader('Set-Cookie', ['a=1', `${kit.cookie}=mine; Path=/`, 'b=2'])
          res.statusCode = 200
          res.end('x')
        },
        koa: (ctx, kit) => {
          ctx.set('Set-Cookie', ['a=1', `${kit.cookie}=mine; Path=/`, 'b=2'])
          ctx.body = 'x'
        },
      },
      expect: { status: 200, body: 'x', cookies: ['a=1', 'b=2'] },
    },
    {
      name: 'a cookie under our name, given to writeHead',
      app: raw((_req, res, kit) => void res.writeHead(200, ['Set-Cookie', `${kit.cookie}=mine`]).end('x')),
      expect: { status: 200, body: 'x', cookies: [] },
    },
    {
      name: 'the app deletes a cookie under our name',
      app: {
        node: (_req, res, kit) => {
          res.setHeader('Set-Cookie', `${kit.cookie}=; Path=/; Max-Age=0`)
          res.statusCode = 200
          res.end('x')
        },
        koa: (ctx, kit) => {
          ctx.append('Set-Cookie', `${kit.cookie}=; Path=/; Max-Age=0`)
          ctx.body = 'x'
        },
      },
      expect: { status: 200, body: 'x', cookies: [] },
    },
    {
      name: 'cookies whose names begin or end like ours',
      app: answer(200, { 'Set-Cookie': near }, 'x'),
      expect: { status: 200, body: 'x', cookies: near },
    },
    {
      name: 'after the session was written',
      app: {
        node: async (req, res, kit) => {
          await kit.write(req)
          res.writeHead(200, { 'Set-Cookie': 'a=1' }).end('x')
        },
        koa: async (ctx, kit) => {
          await kit.write(ctx)
          ctx.append('Set-Cookie', 'a=1')
          ctx.body = 'x'
        },
        fastify: async (request, reply, kit) => {
          await kit.write(request)
          return reply.header('Set-Cookie', 'a=1').send('x')
        },
        hono: async (c, kit) => {
          await kit.write(c)
          c.header('Set-Cookie', 'a=1')
          return c.text('x')
        },
      },
      expect: { status: 200, body: 'x', cookies: ['a=1'] },
    },
  ],
}
