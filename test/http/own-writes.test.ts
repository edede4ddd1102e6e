import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStore } from '../../src/redis.ts'
import { startRedis } from '../support/redis-server.ts'
import { Browser } from './support/client.ts'
import { express5 } from './support/frameworks.ts'
import { type Running, serve } from './support/server.ts'

const clients = [
  {
    name: 'ioredis',
    async connect(url: string) {
      const client = new Redis(url, { enableOfflineQueue: false, autoResendUnfulfilledCommands: false })
      return { store: redisStore(client), end: () => client.disconnect() }
    },
  },
  {
    name: 'node-redis',
    async connect(url: string) {
      const client = createClient({ url, disableOfflineQueue: true })
      await client.connect()
      return { store: redisStore(client), end: () => client.destroy() }
    },
  },
]

describe.each(clients)('a response that leaves long after its own write, with $name', ({ connect }) => {
  let other: Redis
  let running: Running
  let stop: () => Promise<void>

  beforeAll(async () => {
    const server = await startRedis()
    other = new Redis(server.url)
    const { store, end } = await connect(server.url)
    let live: () => void = () => undefined
    const up = new Promise<void>((resolve) => {
      live = resolve
    })
    const options = { secret: 'a secret of the tests, 32 bytes or more', store }
    const onEvent = (event: { type: string; state?: unknown }) => event.state === 'up' && live()
    const app = express5.make({ ...options, onEvent }, async ({ session }, { method, path }) => {
      const add = (n: unknown) => ((n as number | undefined) ?? 0) + 1
      const body = method === 'POST' ? await session.update('n', add) : await session.get('n')
      // Whatever Redis has to tell this process of the write, it has told before it answers these.
      for (let i = 0; i < 5; i++) await other.ping()
      return { body: path === '/again' ? await session.get('n') : body }
    })
    running = await serve(app.listener)
    await up
    stop = async () => {
      await running.close()
      await app.close()
      end()
      other.disconnect()
      await server.stop()
    }
  })
  afterAll(() => stop())

  it('carries the cookie, each time, and the session goes on', async () => {
    const browser = new Browser()
    for (let n = 1; n <= 20; n++) {
      const answer = await browser.ask(running.port, '/', { method: 'POST' })
      expect(answer.body).toBe(String(n))
      expect(answer.cookies, `write ${n}`).toHaveLength(1)
      expect(browser.token.version).toBe(n)
    }
    expect((await browser.ask(running.port)).body).toBe('20')
  })

  it('reads its own write from the copy that it has', async () => {
    const browser = new Browser()
    await browser.ask(running.port, '/', { method: 'POST' })
    const reads = async () => Number((await other.info('commandstats')).match(/cmdstat_get:calls=(\d+)/)?.[1])
    const before = await reads()
    for (let n = 2; n <= 10; n++) {
      const answer = await browser.ask(running.port, '/again', { method: 'POST' })
      expect(answer.body).toBe(String(n))
    }
    // Each write's own script has looked once at what is there.
    expect(await reads()).toBe(before + 9)
  })
})
