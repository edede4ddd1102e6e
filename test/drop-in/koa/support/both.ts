import { Redis } from 'ioredis'
import Koa from 'koa'
import original from 'koa-session'
import { expect } from 'vitest'
import session, { type SessionOptions } from '../../../../src/koa-session.ts'
import { redisStoreFromUrl } from '../../../../src/redis/from-url.ts'
import { type Running, serve } from '../../../http/support/server.ts'
import type { Step } from '../../support/both.ts'
import { type Answer, Jar } from '../../support/jar.ts'
import { SECRET } from '../../support/site.ts'

export type Options = Omit<SessionOptions, 'secret' | 'store' | 'migrate'>

type Use = (app: Koa, redisUrl: string, options: Options) => () => Promise<void>

/** A store for koa-session, as its readme describes one. */
export function plainStore(client: Redis) {
  return {
    get: async (key: string) => JSON.parse((await client.get(`old:${key}`)) ?? 'null') ?? undefined,
    async set(key: string, data: object, maxAge: unknown) {
      await client.set(`old:${key}`, JSON.stringify(data), 'PX', typeof maxAge === 'number' ? maxAge : 86_400_000)
    },
    destroy: async (key: string) => void (await client.del(`old:${key}`)),
  }
}

const ORIGINAL: Use = (app, url, options) => {
  const client = new Redis(url)
  app.use(original({ ...(options as object), store: plainStore(client) }, app))
  return async () => client.disconnect()
}

const DROP_IN: Use = (app, url, options) => {
  const store = redisStoreFromUrl(url)
  const use = session({ ...options, store }, app)
  app.use(use)
  return async () => {
    await use.close()
    await store.close?.()
  }
}

async function play(use: Use, url: string, routes: (app: Koa) => void, plan: Plan): Promise<Answer[]> {
  const parts: { running: Running; close: () => Promise<void> }[] = []
  for (let count = 0; count < 3; count++) {
    const app = new Koa()
    app.silent = true
    app.keys = [SECRET]
    // An error that is caught further out is no reason for losing the session.
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        const { status = 500, message } = error as { status?: number; message: string }
        Object.assign(ctx, { status, body: `failed: ${message}` })
      }
    })
    const close = use(app, url, plan.options)
    routes(app)
    parts.push({ running: await serve(app.callback()), close })
  }
  const jar = new Jar()
  const seen: Answer[] = []
  for (const [at, step] of plan.steps.entries()) {
    const [path, how] = typeof step === 'string' ? [step] : step(seen)
    seen.push(await jar.ask(parts[plan.order[at] ?? 0]?.running.port ?? 0, path, how))
  }
  for (const { running, close } of parts) {
    await running.close()
    await close()
  }
  return seen
}

interface Plan {
  readonly steps: readonly Step[]
  readonly order: readonly number[]
  readonly options: Options
}

/**
 * What is answered to the same steps by koa-session with a store in Redis, and with one import changed, on the same of
 * three backends in the same order.
 */
export async function answersOfBoth(url: string, routes: (app: Koa) => void, steps: readonly Step[], options = {}) {
  const plan = { steps, options, order: steps.map(() => Math.floor(Math.random() * 3)) }
  const show = ({ status, text, headers }: Answer) => [status, text, headers.location]
  const theirs = await play(ORIGINAL, url, routes, plan)
  const ours = await play(DROP_IN, url, routes, plan)
  return { theirs: theirs.map(show), ours: ours.map(show), order: plan.order, answers: ours }
}

/** Fails unless both answer the same. Returns what that was. */
export async function bothAnswer(...args: Parameters<typeof answersOfBoth>): Promise<unknown[]> {
  const { theirs, ours, order } = await answersOfBoth(...args)
  expect(ours, `backends ${order}`).toEqual(theirs)
  return ours
}
