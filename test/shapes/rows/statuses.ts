import { answer, type Group, type Handlers, raw, type Shape } from '../shape.ts'

const redirect = (status: number): Shape => {
  const handlers: Handlers = {
    node: (_req, res) => res.writeHead(status, { Location: '/next' }).end(),
    express: (_req, res) => res.redirect(status, '/next'),
    koa: (ctx) => {
      ctx.status = status
      ctx.redirect('/next')
    },
    // Fastify 4 takes them the other way round.
    fastify: (_request, reply) => reply.code(status).header('Location', '/next').send(),
    hono: (c) => c.redirect('/next', status as 302),
  }
  return { name: `${status} redirect`, app: handlers, expect: { status, headers: { Location: ['/next'] } } }
}

const plain = (status: number, name: string, headers: Record<string, string> = {}): Shape => ({
  name: `${status} ${name}`,
  app: answer(status, headers, `this is ${status}`),
  expect: {
    status,
    body: `this is ${status}`,
    headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, [value]])),
  },
})

const etag = '"the-same"'

export const statuses: Group = {
  title: 'Status codes',
  rows: [
    plain(200, 'OK'),
    plain(201, 'Created', { Location: '/things/1' }),
    plain(202, 'Accepted'),
    { name: '204 No Content', app: answer(204, {}), expect: { status: 204, body: '' } },
    { name: '205 Reset Content', app: answer(205, {}), expect: { status: 205, body: '' } },
    redirect(301),
    redirect(302),
    redirect(303),
    redirect(307),
    redirect(308),
    {
      name: '302 with a cookie of the app, as after a login',
      app: {
        node: (_req, res) => res.writeHead(302, { Location: '/home', 'Set-Cookie': 'user=ann; Path=/' }).end(),
        express: (_req, res) => res.append('Set-Cookie', 'user=ann; Path=/').redirect('/home'),
        koa: (ctx) => {
          ctx.append('Set-Cookie', 'user=ann; Path=/')
          ctx.redirect('/home')
        },
        fastify: (_request, reply) => reply.header('Set-Cookie', 'user=ann; Path=/').redirect('/home'),
        hono: (c) => {
          c.header('Set-Cookie', 'user=ann; Path=/', { append: true })
          return c.redirect('/home')
        },
      },
      expect: { status: 302, cookies: ['user=ann; Path=/'] },
    },
    {
      name: '304 by ETag, found by the framework',
      request: { headers: [['If-None-Match', etag]] },
      app: {
        node: (req, res) => {
          res.setHeader('ETag', etag)
          if (req.headers['if-none-match'] === etag) res.statusCode = 304
          res.end()
        },
        express: (_req, res) => res.set('ETag', etag).send('unchanged'),
        koa: (ctx) => {
          ctx.status = 200
          ctx.set('ETag', etag)
          ctx.body = 'unchanged'
          if (ctx.fresh) ctx.status = 304
        },
      },
      expect: { status: 304, body: '' },
    },
    {
      name: '304 by hand',
      app: raw(
        (_req, res) => void res.writeHead(304, { ETag: etag }).end(),
        (ctx) => {
          ctx.status = 304
          ctx.set('ETag', etag)
        },
      ),
      expect: { status: 304, body: '', headers: { ETag: [etag] } },
    },
    plain(400, 'Bad Request'),
    plain(401, 'Unauthorized', { 'WWW-Authenticate': 'Basic realm="rock"' }),
    plain(403, 'Forbidden'),
    plain(404, 'Not Found by the app'),
    {
      name: '404 because nothing matched',
      app: {
        node: (_req, res) => res.writeHead(404).end(),
        express: (_req, _res, next) => next(),
        koa: () => {},
        fastify: (_request, reply) => reply.callNotFound(),
        hono: (c) => c.notFound(),
      },
      expect: { status: 404 },
    },
    plain(429, 'Too Many Requests', { 'Retry-After': '5' }),
    plain(500, 'Internal Server Error'),
    plain(502, 'Bad Gateway'),
    plain(503, 'Service Unavailable', { 'Retry-After': '5' }),
    {
      name: '299, a status without a name',
      app: raw(
        (_req, res) => void res.writeHead(299).end('odd'),
        (ctx) => {
          ctx.status = 299
          ctx.body = 'odd'
        },
      ),
      expect: { status: 299, body: 'odd' },
    },
    {
      name: 'OPTIONS preflight, 204',
      request: { method: 'OPTIONS', headers: [['Origin', 'http://elsewhere.example']] },
      app: answer(204, { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Methods': 'GET, PUT' }),
      expect: { status: 204, headers: { 'Access-Control-Allow-Origin': ['*'] } },
    },
  ],
}
