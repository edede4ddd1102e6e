import cookie from '@fastify/cookie'
import session from '@fastify/session'
import { RedisStore } from 'connect-redis'
import Fastify from 'fastify'
import { Redis } from 'ioredis'
import { answer, type Served } from './app.ts'
import { serve, settings } from './serve.ts'

declare module 'fastify' {
  interface Session {
    [key: string]: unknown
  }
}

const client = new Redis(settings().redisPort, '127.0.0.1')
client.on('error', () => undefined)
const app = Fastify()

await app.register(cookie)
await app.register(session, {
  secret: 'a secret that is long enough for it',
  // The store that its documentation names; it was written for express-session, whose types differ a little.
  store: new RedisStore({ client }) as never,
  // Without these two it would write the whole session on every request, and lose far more.
  rolling: false,
  saveUninitialized: false,
  cookie: { secure: false, httpOnly: true, sameSite: 'lax' },
})

// It saves when the handler is done and before the response leaves, so its writes are awaited without a word from the handler.
app.get('/*', async (request, reply) => {
  const served: Served = {
    id: () => request.session?.sessionId ?? '',
    get: async (key) => request.session[key],
    all: async () => data(),
    set: async (values) => {
      Object.assign(request.session, values)
    },
    add: async (key) => {
      const value = Number(request.session[key] ?? 0) + 1
      request.session[key] = value
      return value
    },
    logout: async () => {
      await request.session.destroy()
      reply.clearCookie('sessionId', { path: '/' })
    },
    login: async () => {
      await request.session.regenerate(Object.keys(data()))
    },
  }
  const { status, body } = await answer(request.url, served)
  return reply.status(status).send(body)

  function data(): Record<string, unknown> {
    const { cookie: _, ...values } = request.session
    return values
  }
})

await app.ready()
serve((req, res) => app.routing(req, res))
