import Koa from 'koa'
import type { LimpetEvent } from '../../../../src/index.ts'
import session, { type SessionMiddleware, type SessionOptions } from '../../../../src/koa-session.ts'
import { redisStoreFromUrl } from '../../../../src/redis/from-url.ts'
import { type Running, serve } from '../../../http/support/server.ts'
import { SECRET } from '../../support/site.ts'

export interface Backend extends Running {
  readonly session: SessionMiddleware
  readonly app: Koa
  readonly events: readonly LimpetEvent[]
  /** What came to the application's `error` event. */
  readonly errors: readonly { code?: string; status?: number }[]
}

/** One backend of an application that uses the drop-in. Several with one Redis share their sessions. */
export async function backend(
  redisUrl: string,
  routes: (app: Koa) => void,
  options: SessionOptions = {},
): Promise<Backend> {
  const events: LimpetEvent[] = []
  const errors: { code?: string; status?: number }[] = []
  const store = redisStoreFromUrl(redisUrl)
  const app = new Koa()
  app.keys = [SECRET]
  app.on('error', (error) => void errors.push(error))
  const middleware = session({ store, onEvent: (event) => void events.push(event), ...options }, app)
  app.use(middleware)
  routes(app)
  const running = await serve(app.callback())
  const close = async () => {
    await running.close()
    await middleware.close()
    await store.close?.()
  }
  return { ...running, session: middleware, app, events, errors, close }
}
