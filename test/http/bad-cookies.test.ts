import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyring } from '../../src/core/keyring.ts'
import type { Token } from '../../src/core/token.ts'
import { ask, Browser } from './support/client.ts'
import { describeSession, express5, type Framework, koa3, plain } from './support/frameworks.ts'
import { type CountedRedis, countedRedis } from './support/redis.ts'
import { type Running, serve } from './support/server.ts'

const SECRET = 'a secret of the tests, 32 bytes or more'
const OTHER_SECRET = 'another secret of the tests, as long as it'
const LIMITS = { idleTimeout: '1h', absoluteTimeout: '8h' }

const now = Date.now()
const token: Token = {
  id: 'client-client-client-cli',
  owner: 'here',
  boot: 'bootboot',
  version: 3,
  createdAt: now,
  touchedAt: now,
  issuedAt: now,
  lifetime: undefined,
  pendingFrom: undefined,
}
const sign = (changes: Partial<Token> = {}, secret = SECRET, cookie = 'limpet') =>
  createKeyring([secret], cookie).sign({ ...token, ...changes })

const good = sign()
const swap = (text: string, at: number) => text.slice(0, at) + (text[at] === 'x' ? 'y' : 'x') + text.slice(at + 1)

const cases = [
  { what: 'no cookie at all', cookie: undefined, reason: 'no-cookie' },
  { what: 'cookies of others alone', cookie: 'theme=dark; xlimpet=1; limpet2=2', reason: 'no-cookie' },
  { what: 'an empty one', cookie: 'limpet=', reason: 'malformed' },
  { what: 'a tampered id', cookie: `limpet=${swap(good, 12)}`, reason: 'bad-signature' },
  { what: 'a tampered owner', cookie: `limpet=${good.replace('.here.', '.there.')}`, reason: 'bad-signature' },
  { what: 'a tampered signature', cookie: `limpet=${swap(good, good.length - 20)}`, reason: 'bad-signature' },
  { what: 'a truncated one', cookie: `limpet=${good.slice(0, -10)}`, reason: 'malformed' },
  { what: 'one of 8 KB', cookie: `limpet=${good.padEnd(8192, 'A')}`, reason: 'malformed' },
  { what: 'one that is not ASCII', cookie: 'limpet=s\u00e9ance\u00ff', reason: 'malformed' },
  { what: 'bytes of UTF-8', cookie: `limpet=${Buffer.from('日本').toString('latin1')}`, reason: 'malformed' },
  { what: 'two bad ones', cookie: `limpet=${swap(good, 12)}; limpet=x`, reason: 'bad-signature' },
  { what: 'an expired one', cookie: `limpet=${sign({ issuedAt: now - 4_000_000 })}`, reason: 'expired' },
  {
    what: 'one beyond the absolute limit',
    cookie: `limpet=${sign({ createdAt: now - 30_000_000 })}`,
    reason: 'too-old',
  },
  { what: 'one of an unknown key', cookie: `limpet=${sign({}, OTHER_SECRET)}`, reason: 'unknown-key' },
  { what: 'one signed for another cookie', cookie: `limpet=${sign({}, SECRET, 'other')}`, reason: 'unknown-key' },
] as const

describe.each([express5, koa3, plain])(
  'a bad cookie is worth nothing, and costs nothing (law 2): $name',
  (framework: Framework) => {
    let redis: CountedRedis
    let running: Running
    let close: () => Promise<void>

    beforeAll(async () => {
      redis = await countedRedis()
      const { store, onEvent } = redis
      const options = { ...LIMITS, secret: SECRET, store, onEvent, backend: { id: 'here' } }
      // Looks at the session, as a page would: who brings a bad cookie has none.
      const app = framework.make(options, async (session, request) => {
        expect(await session.session.all()).toEqual({})
        return describeSession(session, request)
      })
      running = await serve(app.listener)
      close = app.close
      await redis.ready()
      // A client that stores nothing, so that all is warm.
      await ask(running.port)
    })
    afterAll(async () => {
      await running.close()
      await close()
      await redis.stop()
    })

    it.each(cases)('$what: a new session, "$reason", and no store command', async ({ cookie, reason }) => {
      const before = await redis.counts()
      const answer = await ask(running.port, '/', { headers: cookie === undefined ? {} : { cookie } })
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.body)).toMatchObject({ state: 'new', reason, owner: 'here', misdirected: false })
      expect(JSON.parse(answer.body).id).not.toBe(token.id)
      expect(answer.cookies).toHaveLength(1)
      expect(await redis.counts()).toEqual(before)
    })

    it.each(cases)('$what: the cookie of the answer resumes', async ({ cookie }) => {
      const browser = new Browser()
      await browser.ask(running.port, '/', { headers: cookie === undefined ? {} : { cookie } })
      const { id } = browser.token
      const answer = await browser.ask(running.port)
      expect(JSON.parse(answer.body)).toMatchObject({ id, state: 'resumed', reason: 'valid' })
    })

    it('the good one among bad ones resumes', async () => {
      const fresh = sign({ version: 0, touchedAt: 0 })
      const cookie = `limpet=${swap(good, 12)}; theme=dark; limpet=${fresh}; limpet=`
      const answer = await ask(running.port, '/', { headers: { cookie } })
      expect(JSON.parse(answer.body)).toMatchObject({ id: token.id, state: 'adopted', reason: 'valid' })
    })

    it('one from the future counts as signed now, and is signed anew', async () => {
      const value = sign({ issuedAt: now + 600_000 })
      const answer = await ask(running.port, '/', { headers: { cookie: `limpet=${value}` } })
      expect(JSON.parse(answer.body)).toMatchObject({ id: token.id, reason: 'valid' })
      expect(answer.cookies).toHaveLength(1)
      expect(answer.cookies[0]).not.toContain(value)
    })

    it('a cookie that stands in two headers counts as two', async () => {
      const fresh = sign({ version: 0, touchedAt: 0 })
      const cookie = [`limpet=${swap(good, 12)}`, `limpet=${fresh}`] as unknown as string
      const answer = await ask(running.port, '/', { headers: { cookie } })
      expect(JSON.parse(answer.body)).toMatchObject({ id: token.id, state: 'adopted' })
    })
  },
)
