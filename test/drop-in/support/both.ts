import { RedisStore } from 'connect-redis'
import express, { type Express, type RequestHandler } from 'express'
import original from 'express-session'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import session from '../../../src/express-session.ts'
import { redisStoreFromUrl } from '../../../src/redis/from-url.ts'
import type { Ask } from '../../http/support/client.ts'
import { type Running, serve } from '../../http/support/server.ts'
import { type Answer, Jar } from './jar.ts'
import { SECRET } from './site.ts'

export type Options = Omit<NonNullable<Parameters<typeof original>[0]>, 'secret' | 'store' | 'genid'>

/** An application three times, behind a balancer that sends each request anywhere. */
export interface Site {
  readonly ports: readonly number[]
  close(): Promise<void>
}

type Make = (redisUrl: string, options: Options) => { use: RequestHandler; close: () => Promise<void> }

const ORIGINAL: Make = (url, options) => {
  const client = new Redis(url)
  const store = new RedisStore({ client })
  return {
    use: original({ resave: false, saveUninitialized: false, ...options, secret: SECRET, store }),
    close: async () => client.disconnect(),
  }
}

const DROP_IN: Make = (url, options) => {
  const store = redisStoreFromUrl(url)
  const use = session({ resave: false, saveUninitialized: false, ...options, secret: SECRET, store })
  const close = async () => {
    await use.close()
    await store.close?.()
  }
  return { use: use as unknown as RequestHandler, close }
}

async function site(make: Make, url: string, routes: (app: Express) => void, options: Options): Promise<Site> {
  const parts: { running: Running; close: () => Promise<void> }[] = []
  for (let count = 0; count < 3; count++) {
    const { use, close } = make(url, options)
    const app = express()
    app.set('env', 'test')
    app.use(use)
    routes(app)
    app.use((error: { status?: number; message: string }, _req: unknown, res: express.Response, _next: unknown) => {
      res.status(error.status ?? 500).send(`failed: ${error.message}`)
    })
    parts.push({ running: await serve(app), close })
  }
  return {
    ports: parts.map(({ running }) => running.port),
    async close() {
      for (const { running, close } of parts) {
        await running.close()
        await close()
      }
    },
  }
}

/** One step of a visitor: a path, or a path and what is sent with it, which may depend on what was answered before. */
export type Step = string | ((answers: readonly Answer[]) => [path: string, options?: Ask])

type Show = (answer: Answer) => unknown

/**
 * What is answered to the same steps by express-session with connect-redis, and with one import changed, on the same
 * backends in the same order. `show`: what of an answer is compared.
 */
export async function answersOfBoth(
  url: string,
  routes: (app: Express) => void,
  steps: readonly Step[],
  options: Options = {},
  show: Show = ({ status, text, headers }) => [status, text, headers.location],
): Promise<{ theirs: unknown[]; ours: unknown[]; order: readonly number[] }> {
  const order = steps.map(() => Math.floor(Math.random() * 3))
  const play = async (make: Make) => {
    const { ports, close } = await site(make, url, routes, options)
    const jar = new Jar()
    const seen: Answer[] = []
    for (const [at, step] of steps.entries()) {
      const [path, how] = typeof step === 'string' ? [step] : step(seen)
      seen.push(await jar.ask(ports[order[at] ?? 0] ?? 0, path, how))
    }
    await close()
    return seen.map(show)
  }
  return { theirs: await play(ORIGINAL), ours: await play(DROP_IN), order }
}

/** Fails unless both answer the same. Returns what that was. */
export async function bothAnswer(...args: Parameters<typeof answersOfBoth>): Promise<unknown[]> {
  const { theirs, ours, order } = await answersOfBoth(...args)
  expect(ours, `backends ${order}`).toEqual(theirs)
  return ours
}
