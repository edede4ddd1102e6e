import { Agent, request } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startRedis } from '../support/redis-server.ts'
import { Browser } from './support/backend.ts'
import { outside } from './support/clients.ts'
import { Scene } from './support/scene.ts'

const REQUESTS = 10_000
const AT_ONCE = 32

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})
afterEach(() => scene.end())

test(`${REQUESTS} anonymous, forged and crawling requests cost no command`, { timeout: 60_000 }, async () => {
  const redis = scene.add(await startRedis(), (server) => server.stop())
  const admin = scene.add(outside(redis.url), (client) => client.disconnect())
  const { backend } = await scene.backend('ioredis', redis.url)
  const agent = scene.add(new Agent({ keepAlive: true, maxSockets: AT_ONCE }), (one) => one.destroy())
  const visitor = new Browser()
  await visitor.visit(backend, () => undefined)
  const known = visitor.cookie ?? ''
  const forged = `${known.slice(0, -2)}${known.endsWith('AA') ? 'BB' : 'AA'}`
  const cookies = [undefined, forged, 'limpet=nonsense', `limpet=${'x'.repeat(3000)}`, 'other=1']

  const before = await commands()
  let next = 0
  const worker = async () => {
    while (next < REQUESTS) {
      const n = next++
      const path = backend.path(async (sticky) => {
        await sticky.session.get('cart')
        await sticky.session.all()
        await sticky.session.delete('cart')
        if (n % 3 === 0) await sticky.regenerate()
        if (n % 5 === 0) await sticky.session.destroy()
        return sticky.session.get('cart')
      })
      await get(agent, backend.port, path, cookies[n % cookies.length])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const after = await commands()

  expect(next).toBe(REQUESTS)
  expect(after - before).toBe(0)
  // A valid cookie proves no absence: it is asked for once, and the answer is remembered.
  for (let n = 0; n < 100; n++) {
    await get(
      agent,
      backend.port,
      backend.path(({ session }) => session.get('cart')),
      known,
    )
  }
  expect((await commands()) - after).toBe(1)
  expect(await admin.dbsize()).toBe(0)
  expect(backend.ofType('store-failed')).toEqual([])

  /** All that Redis has processed, but for our own questions, and the look every few seconds whether it is still there. */
  async function commands(): Promise<number> {
    const stats = await admin.info('commandstats')
    return [...stats.matchAll(/^cmdstat_(?!info|time|ping)\S+:calls=(\d+)/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    )
  }
})

function get(agent: Agent, port: number, path: string, cookie: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = cookie === undefined ? {} : { cookie }
    const req = request({ host: '127.0.0.1', port, path, agent, headers }, (res) => {
      if (res.statusCode !== 200 || res.headers['set-cookie']?.length !== 1)
        reject(new Error(`status ${res.statusCode}`))
      res.resume().on('end', resolve).on('error', reject)
    })
    req.on('error', reject)
    req.end()
  })
}
