import { RedisStore } from 'connect-redis'
import session from 'express-session'
import { Redis } from 'ioredis'
import { serveSessions } from './express-app.ts'
import { settings } from './serve.ts'

const client = new Redis(settings().redisPort, '127.0.0.1')
client.on('error', () => undefined)

serveSessions(
  session({
    secret: 'a secret that is long enough for it',
    store: new RedisStore({ client }),
    // Without these two it would write the whole session on every request, and lose far more.
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax' },
  }),
)
