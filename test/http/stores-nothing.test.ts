import { afterAll, beforeAll, expect, it } from 'vitest'
import { createKeyring } from '../../src/core/keyring.ts'
import { type Answer, ask, Browser } from './support/client.ts'
import { express5 } from './support/frameworks.ts'
import { type CountedRedis, countedRedis } from './support/redis.ts'
import { type Running, serve } from './support/server.ts'

const SECRET = 'a secret of the tests, 32 bytes or more'
const REQUESTS = 10_000

let redis: CountedRedis
let running: Running
let close: () => Promise<void>

beforeAll(async () => {
  redis = await countedRedis()
  const app = express5.make(
    { secret: SECRET, store: redis.store, onEvent: redis.onEvent },
    async ({ session }, { method, path }) => {
      // Every page looks whether somebody is logged in, and shows the cart.
      const [user, all] = await Promise.all([session.get('user'), session.all()])
      if (method === 'POST') await session.set('user', 'ada')
      if (path === '/missing') return { status: 404, body: 'nothing here' }
      return { body: { user: user ?? null, items: Object.keys(all).length } }
    },
  )
  running = await serve(app.listener)
  close = app.close
  await redis.ready()
})

afterAll(async () => {
  await running.close()
  await close()
  await redis.stop()
})

/** What comes along at any public site, one after the other. */
function visitor(index: number): Promise<Answer> {
  const { port } = running
  switch (index % 5) {
    case 0:
      return ask(port)
    case 1:
      return ask(port, '/', { headers: { cookie: `limpet=${forged(index)}` } })
    case 2:
      return ask(port, '/robots.txt', { method: 'HEAD', headers: { 'user-agent': 'crawler/1.0' } })
    case 3:
      return ask(port, '/missing', { headers: { cookie: `limpet=${index}; theme=dark` } })
    default:
      return returning[index % returning.length]?.ask(port, `/page/${index}`) ?? ask(port)
  }
}

/** Clients that keep their cookie and come back, as a crawler with a jar does. */
const returning = Array.from({ length: 20 }, () => new Browser())

const keyring = createKeyring([SECRET], 'limpet')
const token = {
  id: 'A'.repeat(24),
  owner: 'web1',
  boot: 'bootboot',
  version: 9,
  lifetime: undefined,
  pendingFrom: undefined,
}

/** A session that looks as if it had data, with a signature that is nearly right. */
function forged(index: number): string {
  const now = Date.now()
  const value = keyring.sign({ ...token, version: index, createdAt: now, touchedAt: now, issuedAt: now })
  const last = value.at(-1)
  return value.slice(0, -1) + (last === 'A' ? 'Q' : 'A')
}

it('10,000 requests of anonymous and forging clients cause no store command, crawlers with a jar a few reads, the first write one (law 7)', async () => {
  const before = await redis.counts()
  let next = 0
  let withCookie = 0
  const work = async () => {
    while (next < REQUESTS) {
      const answer = await visitor(next++)
      withCookie += answer.cookies.length
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  expect(withCookie).toBe(REQUESTS)
  const { get = 0, ...others } = await redis.counts()
  expect(others).toEqual(before)
  // The four that come back are asked for once, and again when the answer "nothing" has grown old: not for each of their 2,000 requests.
  expect(get).toBeLessThan(200)

  // The count would have shown it.
  const browser = new Browser()
  await browser.ask(running.port, '/', { method: 'POST' })
  const after = await redis.counts()
  expect((after.evalsha ?? 0) + (after.eval ?? 0)).toBeGreaterThan((before.evalsha ?? 0) + (before.eval ?? 0))
  expect(JSON.parse((await browser.ask(running.port)).body)).toEqual({ user: 'ada', items: 1 })
}, 120_000)
