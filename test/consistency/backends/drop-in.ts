import type { Request } from 'express'
import session from '../../../src/express-session.ts'
import { redisStoreFromUrl } from '../../../src/redis/from-url.ts'
import { serveSessions } from './express-app.ts'
import { settings } from './serve.ts'

const { redisPort, storeTimeout } = settings()

// express-session's application, and its options but for the store.
serveSessions(
  session({
    secret: 'a secret that is long enough for it',
    store: redisStoreFromUrl(`redis://127.0.0.1:${redisPort}`),
    storeTimeout,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax' },
  }),
  // Not for the application: what it could have been told of losses.
  (req) => {
    const { behind, stale } = (req as Request).sticky.session
    return { behind, stale }
  },
)
