import { Redis } from 'ioredis'
import Koa from 'koa'
import original from 'koa-session'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SessionOptions } from '../../../src/koa-session.ts'
import { type Running, serve } from '../../http/support/server.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { Jar } from '../support/jar.ts'
import { plainStore } from './support/both.ts'
import { type Backend, backend } from './support/site.ts'

const OLD_KEYS = ['short key']

let redis: RedisServer
let client: Redis
const running: { close(): Promise<void> }[] = []
beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
})
afterAll(async () => {
  for (const one of running) await one.close()
  client.disconnect()
  await redis.stop()
})

const routes = (app: Koa) => {
  app.use(async (ctx) => {
    const [, what, key = '', value] = ctx.path.split('/')
    if (what === 'set' && ctx.session) ctx.session[key] = value
    if (what === 'age' && ctx.session) ctx.session.maxAge = 50_000
    if (what === 'login') await ctx.session?.regenerate()
    if (what === 'logout') ctx.session = null
    ctx.body = JSON.stringify([ctx.session, ctx.session?.maxAge ?? null])
  })
}

async function old(options: object): Promise<Running> {
  const app = new Koa()
  app.keys = OLD_KEYS
  app.use(original(options, app))
  routes(app)
  const one = await serve(app.callback())
  running.push(one)
  return one
}

async function fresh(migrate: SessionOptions['migrate']): Promise<Backend> {
  const one = await backend(redis.url, routes, { migrate })
  running.push(one)
  return one
}

describe.each([
  ['whose cookie holds the data', () => undefined],
  ['with a store', () => plainStore(client)],
])('sessions of koa-session %s go on', (_kind, storeOf) => {
  test('on all new backends as one session, with a maxAge of its own; a login and a logout reach the old ones', async () => {
    const store = storeOf()
    const before = await old({ ...(store && { store }) })
    const migrate = { keys: OLD_KEYS, store }
    const [one, two] = [await fresh(migrate), await fresh(migrate)]
    const jar = new Jar()
    await jar.ask(before.port, '/set/user/ada')
    await jar.ask(before.port, '/age')
    const tabs = [jar, jar.copy()]
    const both = tabs.map((tab, at) => tab.ask([one, two][at]?.port ?? 0, `/set/tab${at}/yes`))
    expect((await Promise.all(both)).map(({ set }) => set)).toEqual([['limpet'], ['limpet']])
    const all = { user: 'ada', tab0: 'yes', tab1: 'yes' }
    for (const tab of tabs) expect(await tab.json(one.port, '/see')).toEqual([all, 50_000])
    // Old backends go on with what they know.
    expect(await jar.json(before.port, '/see')).toEqual([{ user: 'ada' }, 50_000])
    await jar.ask(two.port, '/logout')
    expect([...jar.cookies.keys()]).toEqual(['limpet'])
    for (const { port } of [one, two, before]) expect(await jar.json(port, '/see')).toEqual([{}, null])
    // Nor does a copy of the cookies bring it back here.
    expect(await tabs[1]?.json(one.port, '/see')).toEqual([{}, null])
  })

  test('one that other keys have signed, and one without a signature, are none', async () => {
    const store = storeOf()
    const before = await old({ maxAge: 86_400_000, ...(store && { store }) })
    const one = await fresh({ keys: ['another key'], store })
    const jar = new Jar()
    await jar.ask(before.port, '/set/user/ada')
    expect(await jar.json(one.port, '/see')).toEqual([{}, null])
    jar.cookies.set('koa.sess', 'nonsense')
    expect(await jar.json(one.port, '/see')).toEqual([{}, null])
  })
})
