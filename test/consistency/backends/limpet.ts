import express from 'express'
import { sticky } from '../../../src/index.ts'
import { redisStoreFromUrl } from '../../../src/redis/from-url.ts'
import { brokenStore } from '../broken.ts'
import { answer, type Served } from './app.ts'
import { serve, settings } from './serve.ts'

const { id, redisPort, storeTimeout, broken } = settings()
// What sticky() makes of REDIS_URL, so that a law can be taken out of it.
const store = redisStoreFromUrl(`redis://127.0.0.1:${redisPort}`)
const app = express()

app.use(
  sticky({
    secret: 'a secret that is long enough for it',
    backend: { id },
    store: broken ? brokenStore(store, broken) : store,
    storeTimeout,
  }),
)

app.use(async (req, res) => {
  const { session } = req.sticky
  const served: Served = {
    get: (key) => session.get(key),
    all: () => session.all(),
    set: (values) => session.set(values),
    add: async (key) => Number(await session.update(key, (value) => Number(value ?? 0) + 1)),
    logout: () => session.destroy(),
    login: () => req.sticky.regenerate(),
    id: () => req.sticky.id,
    flags: () => ({ behind: session.behind, stale: session.stale }),
  }
  const { status, body } = await answer(req.url, served)
  res.status(status).json(body)
})

serve(app)
