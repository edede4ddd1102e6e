import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { Redis } from 'ioredis'
import { answer, type Served } from './app.ts'
import { serve, settings } from './serve.ts'

declare module 'express-session' {
  interface SessionData {
    [key: string]: unknown
  }
}

const client = new Redis(settings().redisPort, '127.0.0.1')
client.on('error', () => undefined)
const app = express()

app.use(
  session({
    secret: 'a secret that is long enough for it',
    store: new RedisStore({ client }),
    // Without these two it would write the whole session on every request, and lose far more.
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax' },
  }),
)

app.use(async (req, res) => {
  const served: Served = {
    id: () => req.sessionID,
    get: async (key) => req.session[key],
    all: async () => data(),
    set: async (values) => {
      Object.assign(req.session, values)
      await promised((done) => req.session.save(done))
    },
    add: async (key) => {
      const value = Number(req.session[key] ?? 0) + 1
      req.session[key] = value
      await promised((done) => req.session.save(done))
      return value
    },
    logout: async () => {
      await promised((done) => req.session.destroy(done))
      res.clearCookie('connect.sid')
    },
    login: async () => {
      const kept = data()
      await promised((done) => req.session.regenerate(done))
      Object.assign(req.session, kept)
      await promised((done) => req.session.save(done))
    },
    flush: () => res.flushHeaders(),
    awaits: true,
  }
  const { status, body } = await answer(req.url, served)
  if (res.headersSent) res.end(JSON.stringify(body))
  else res.status(status).json(body)

  function data(): Record<string, unknown> {
    const { cookie: _, ...values } = req.session
    return values
  }
})

serve(app)

function promised(call: (done: (error?: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())))
}
