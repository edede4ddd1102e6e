import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTlsRedis, type TlsRedis } from '../support/redis-tls.ts'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { LIBRARIES } from './support/clients.ts'
import { Scene } from './support/scene.ts'

/** What docs/redis.md tells people to allow. */
const COMMANDS = [
  '+info',
  ...['+get', '+evalsha', '+eval', '+time', '+set', '+exists', '+getrange', '+del', '+pexpire', '+publish'],
  ...['+subscribe', '+ping', '+client|id', '+client|tracking'],
]
const RULES = [
  'on',
  '>secret',
  'resetkeys',
  '~limpet:*',
  'resetchannels',
  '&limpet:*',
  '&__redis__:invalidate',
  '-@all',
  ...COMMANDS,
]

/** Milliseconds. Well before a copy would be asked for again anyway. */
const SOON = 6000

const scene = new Scene()
let redis: TlsRedis
let admin: Redis

beforeAll(async () => {
  redis = scene.add(await startTlsRedis(), (server) => server.stop())
  admin = scene.add(new Redis(redis.url, { tls: { ca: redis.ca } }), (client) => client.disconnect())
  await admin.call('ACL', 'SETUSER', 'limpet', ...RULES)
})
afterAll(() => scene.end())

describe.each(LIBRARIES)('TLS, and a user that may do no more than it must: %s', (library) => {
  const start = async (user = 'limpet:secret') =>
    scene.backend(library, redis.url.replace('//', `//${user}@`), { ca: redis.ca, sticky: { idleTimeout: '10s' } })

  test('everything works', async () => {
    const [one, two] = await Promise.all([start(), start()])
    const browser = new Browser()
    await browser.visit(one.backend, ({ session }) => session.set({ cart: ['a'], count: 1 }))
    await browser.visit(two.backend, ({ session }) => session.update('count', (n) => (n as number) + 1))
    await browser.visit(two.backend, ({ session }) => session.delete('cart'))
    const before = browser.fork()
    await browser.visit(one.backend, (sticky) => sticky.regenerate())
    const read = await browser.visit(two.backend, ({ session }) => session.all())
    expect(read.value).toEqual({ count: 2 })
    const back = await before.visit(two.backend, async (sticky) => [await sticky.session.all(), sticky.reason])
    expect(back.value).toEqual([{}, 'destroyed'])

    const other = browser.fork()
    await other.visit(one.backend, ({ session }) => session.set('count', 3))
    const count = () => browser.fork().visit(two.backend, ({ session }) => session.get('count'))
    await until(async () => (await count()).value === 3, 'the other backend has heard of it', SOON)
    await browser.visit(one.backend, ({ session }) => session.destroy())
    await until(async () => (await count()).value === undefined, 'the other backend has heard of it', SOON)

    for (const { backend } of [one, two]) {
      expect(backend.ofType('warning')).toEqual([])
      expect(backend.ofType('store-failed')).toEqual([])
      expect(backend.invalidation).toBe('up')
    }
    expect(await refused('limpet')).toBe(false)
  })

  test('none of it is too much', async () => {
    // Only ioredis has to know its id.
    const needed = COMMANDS.filter((rule) => library === 'ioredis' || rule !== '+client|id')
    await Promise.all(needed.map(isMissed))
  })

  test('without INFO sessions live as well', async () => {
    const user = `${library}-no-info`
    await admin.call('ACL', 'SETUSER', user, ...RULES, '-info')
    const { backend } = await start(`${user}:secret`)
    const browser = new Browser()
    await browser.visit(backend, ({ session }) => session.set('cart', 'tea'))
    await browser.visit(backend, (sticky) => sticky.regenerate({ user: 'ada' }))
    const read = await browser.visit(backend, ({ session }) => session.all())
    expect(read.value).toEqual({ cart: 'tea', user: 'ada' })
    expect(backend.ofType('store-failed')).toEqual([])
  })

  async function isMissed(rule: string): Promise<void> {
    const user = `${library}-without-${rule.slice(1)}`
    await admin.call('ACL', 'SETUSER', user, ...RULES, rule.replace('+', '-'))
    const { backend } = await scene.backend(library, redis.url.replace('//', `//${user}:secret@`), {
      ca: redis.ca,
      now: true,
      sticky: { storeTimeout: '5s', consistency: 'strict', idleTimeout: '10s' },
    })
    const browser = new Browser()
    const idle = new Browser()
    await idle.visit(backend, ({ session }) => session.set('cart', 1))
    await until(async () => {
      await admin.script('FLUSH')
      // Sooner or later its lifetime is to be renewed.
      await idle.visit(backend, () => undefined)
      await browser.visit(backend, async ({ session }) => {
        await session.set({ cart: 1, other: 1 })
        await session.update('cart', () => 2)
        await session.delete('other')
      })
      await browser.visit(backend, ({ session }) => session.get('cart'))
      const old = browser.fork()
      await browser.visit(backend, (sticky) => sticky.regenerate())
      await old.visit(backend, ({ session }) => session.destroy())
      await browser.visit(backend, ({ session }) => session.destroy())
      return refused(user)
    }, `${rule} is missed`)
  }
})

/** Has Redis refused this user something? */
async function refused(user: string): Promise<boolean> {
  return JSON.stringify(await admin.call('ACL', 'LOG', '100')).includes(`"${user}"`)
}
