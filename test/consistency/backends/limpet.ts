import express from 'express'
import { Redis } from 'ioredis'
import { type Duration, sticky } from '../../../src/index.ts'
import type { Store } from '../../../src/ports/store.ts'
import { redisStoreFromUrl } from '../../../src/redis/from-url.ts'
import { redisStore } from '../../../src/redis/redis-store.ts'
import { brokenStore } from '../broken.ts'
import { answer, type Served, SHORT } from './app.ts'
import { serve, settings } from './serve.ts'

const { id, port, redisPort, storeTimeout, broken, replicas } = settings()
/** Set by limpet-forward.ts. */
const forwards = process.env.LIMPET_CHECK === 'forward'
const app = express()

const site = (idleTimeout: Duration, cookie: string) => {
  const store = replicas > 0 ? waiting() : redisStoreFromUrl(`redis://127.0.0.1:${redisPort}`)
  return sticky({
    secret: 'a secret that is long enough for it',
    backend: { id, ...(forwards && { url: `http://127.0.0.1:${port}` }) },
    ...(forwards && { misdirected: 'forward' }),
    store: broken ? brokenStore(store, broken) : store,
    storeTimeout,
    cookie: { name: cookie },
    idleTimeout,
  })
}
const usual = site('24h', 'limpet')
const short = site(SHORT, 'short')
// Sessions that end soon, with a cookie of their own.
app.use((req, res, next) => (req.url.startsWith('/short/') ? short : usual)(req, res, next))

app.use(async (req, res) => {
  const { session } = req.sticky
  const served: Served = {
    get: (key) => session.get(key),
    all: () => session.all(),
    set: (values) => session.set(values),
    add: async (key, slow) => {
      const raise = async (value: unknown) => {
        if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow))
        return Number(value ?? 0) + 1
      }
      return Number(await session.update(key, raise))
    },
    logout: () => session.destroy(),
    login: () => req.sticky.regenerate(),
    signIn: (values) => req.sticky.regenerate(values),
    id: () => req.sticky.id,
    flags: () => ({ behind: session.behind, stale: session.stale }),
    flush: () => res.flushHeaders(),
    awaits: true,
  }
  const { status, body } = await answer(req.url.replace(/^\/short/, ''), served)
  if (res.headersSent) res.end(JSON.stringify(body))
  else res.status(status).json(body)
})

serve(app)

/** A client that was handed in, so that writes wait for replicas. */
function waiting(): Store {
  const client = new Redis(redisPort, '127.0.0.1', {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
    connectTimeout: 2000,
    retryStrategy: (times) => Math.min(50 * times, 1000),
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
  client.on('error', () => undefined)
  return redisStore(client, { replicas })
}
