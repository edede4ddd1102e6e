import express, { type Express, type RequestHandler } from 'express'
import session, { type SessionMiddleware, type SessionOptions } from '../../../src/express-session.ts'
import type { LimpetEvent } from '../../../src/index.ts'
import { redisStoreFromUrl } from '../../../src/redis/from-url.ts'
import { type Running, serve } from '../../http/support/server.ts'

declare module 'express-session' {
  interface SessionData {
    user: string
    n: number
    cart: string[]
    box: Record<string, unknown>
  }
}

export const SECRET = 'a secret that is long enough for both'

export interface Backend extends Running {
  readonly session: SessionMiddleware
  readonly events: readonly LimpetEvent[]
  /** What came to the application's error handler. */
  readonly errors: readonly unknown[]
}

/** One backend of an application that uses the drop-in. Several with one Redis share their sessions. */
export async function backend(
  redisUrl: string,
  routes: (app: Express) => void,
  options: SessionOptions = {},
  before: readonly RequestHandler[] = [],
): Promise<Backend> {
  const events: LimpetEvent[] = []
  const errors: unknown[] = []
  const store = redisStoreFromUrl(redisUrl)
  const middleware = session({
    secret: SECRET,
    resave: false,
    saveUninitialized: false,
    store,
    onEvent: (event) => void events.push(event),
    ...options,
  })
  const app = express()
  app.set('env', 'test')
  for (const each of before) app.use(each)
  app.use(middleware)
  routes(app)
  app.use(
    (
      error: Error & { status?: number; code?: string },
      _req: unknown,
      res: express.Response,
      next: (error: unknown) => void,
    ) => {
      errors.push(error)
      if (res.headersSent) next(error)
      else res.status(error.status ?? 500).send(`failed: ${error.code ?? error.message}`)
    },
  )
  const running = await serve(app)
  const close = async () => {
    await running.close()
    await middleware.close()
    await store.close?.()
  }
  return { ...running, session: middleware, events, errors, close }
}
