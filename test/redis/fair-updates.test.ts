import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { Backend, Browser } from './support/backend.ts'
import { handIn, LIBRARIES } from './support/clients.ts'
import { Scene } from './support/scene.ts'

let scene: Scene
let redis: RedisServer

beforeEach(async () => {
  scene = new Scene()
  redis = scene.add(await startRedis(), (server) => server.stop())
})
afterEach(() => scene.end())

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const add = (n: unknown) => Number(n ?? 0) + 1

describe.each(LIBRARIES)('update() is fair between backends (law 5): %s', (library) => {
  const start = async () => {
    const handedIn = scene.add(await handIn(library, redis.url), (client) => client.end())
    const backend = scene.add(await Backend.start(redisStore(handedIn.client)), (one) => one.close())
    await until(() => backend.invalidation === 'up', 'changes are told')
    return backend
  }

  test('a function that takes 40 ms gets its turn among quick ones of three other backends', async () => {
    const [slow, ...quick] = await Promise.all([start(), start(), start(), start()])
    const browser = new Browser()
    if (slow) await browser.visit(slow, (sticky) => sticky.session.set('n', 0))
    let isDone = false
    let quickOnes = 0
    const others = quick.map(async (backend) => {
      const own = browser.fork()
      while (!isDone) {
        const { error } = await own.visit(backend, (sticky) => sticky.session.update('n', add))
        expect(error).toBeUndefined()
        quickOnes++
      }
    })
    await until(() => quickOnes > 20, 'the others are busy')
    let calls = 0
    for (let turn = 0; turn < 5 && slow; turn++) {
      const { error } = await browser.fork().visit(slow, (sticky) =>
        sticky.session.update('n', async (n) => {
          calls++
          await pause(40)
          return add(n)
        }),
      )
      expect(error).toBeUndefined()
    }
    isDone = true
    await Promise.all(others)
    expect(calls, 'it does not have to try as often as it may').toBeLessThan(5 * 10)
    const last = slow && (await browser.visit(slow, (sticky) => sticky.session.get('n')))
    expect(last?.value).toBe(quickOnes + 5)
  })
})
