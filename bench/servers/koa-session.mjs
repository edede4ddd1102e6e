import { Redis } from 'ioredis'
import Koa from 'koa'
import koaSession from 'koa-session'
import { answer, session } from './data.mjs'

/** As koa-session's README describes an external store. */
const redisBacked = (route) => () => {
  const app = new Koa()
  const redis = new Redis(process.env.REDIS_URL)
  const store = {
    get: async (key) => JSON.parse((await redis.get(`theirs:${key}`)) ?? 'null'),
    set: (key, value, maxAge) => redis.psetex(`theirs:${key}`, maxAge, JSON.stringify(value)),
    destroy: (key) => redis.del(`theirs:${key}`),
  }
  app.keys = [process.env.LIMPET_SECRET]
  app.use(koaSession({ store }, app))
  // Two paths need no router.
  app.use((ctx) => (ctx.path === '/login' ? login(ctx) : route(ctx)))
  return app.callback()
}

const login = (ctx) => {
  Object.assign(ctx.session, session)
  ctx.body = answer(session.user)
}

let writes = 0

export const listeners = {
  read: redisBacked((ctx) => {
    ctx.body = answer(ctx.session.user)
  }),
  write: redisBacked((ctx) => {
    ctx.session.seen = ++writes
    ctx.body = answer(session.user)
  }),
}
