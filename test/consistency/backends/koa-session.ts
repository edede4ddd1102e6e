import { Redis } from 'ioredis'
import Koa from 'koa'
import session from 'koa-session'
import { answer, type Served } from './app.ts'
import { serve, settings } from './serve.ts'

const client = new Redis(settings().redisPort, '127.0.0.1')
client.on('error', () => undefined)
const app = new Koa()
app.keys = ['a secret that is long enough for it']
app.silent = true

const day = 24 * 60 * 60 * 1000
const store = {
  get: async (id: string) => JSON.parse((await client.get(`koa:${id}`)) ?? 'null'),
  set: async (id: string, data: unknown, maxAge: unknown) => {
    await client.set(`koa:${id}`, JSON.stringify(data), 'PX', typeof maxAge === 'number' ? maxAge : day)
  },
  destroy: async (id: string) => {
    await client.del(`koa:${id}`)
  },
}

// It saves when the handler is done and before the response leaves, so its writes are awaited without a word from the handler.
app.use(session({ store, maxAge: day }, app))

app.use(async (ctx) => {
  const current = (): Record<string, unknown> => Object(ctx.session)
  const served: Served = {
    id: () => String(ctx.session?.externalKey ?? ''),
    get: async (key) => current()[key],
    all: async () => data(),
    set: async (values) => {
      Object.assign(current(), values)
    },
    add: async (key) => {
      const value = Number(current()[key] ?? 0) + 1
      current()[key] = value
      return value
    },
    logout: async () => {
      ctx.session = null
    },
    login: async () => {
      await new Promise<void>((resolve, reject) => {
        ctx.session?.regenerate((error?: unknown) => (error ? reject(error) : resolve()))
      })
    },
  }
  const { status, body } = await answer(ctx.url, served)
  ctx.status = status
  ctx.body = body

  function data(): Record<string, unknown> {
    return { ...ctx.session?.toJSON() }
  }
})

serve(app.callback())
