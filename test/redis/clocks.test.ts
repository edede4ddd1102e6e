import { fork } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    }),
  )
}

/** A backend in a process of its own, whose `Date` is off by so many milliseconds. */
async function launch(id: string, shift: number) {
  const port = await freePort()
  const settings = { port, id, redisPort: Number(new URL(redis.url).port), storeTimeout: 2000, replicas: 0 }
  const child = fork(fileOf('../consistency/backends/limpet.ts'), [JSON.stringify(settings)], {
    execArgv: ['--import', 'tsx', '--import', fileOf('../consistency/backends/clock.ts')],
    env: { ...process.env, CLOCK_SHIFT: String(shift) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', () => reject(new Error(said)))
  })
  const ask = async (path: string, jar: { cookie: string }) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie: jar.cookie } })
    const [set] = response.headers.getSetCookie()
    if (set) jar.cookie = set.split(';')[0] ?? ''
    return (await response.json()) as { values?: Record<string, unknown>; session?: string; behind?: boolean }
  }
  return { ask, said: () => said, stop: () => child.kill() }
}

describe('two processes whose clocks differ (law 13)', () => {
  test.each([2 * MINUTE, -2 * MINUTE, 2 * DAY, -2 * DAY])(
    'keep the session through each change of backend: one is %d ms off',
    async (shift) => {
      const [right, wrong] = await Promise.all([launch('right', 0), launch('wrong', shift)])
      try {
        const jar = { cookie: '' }
        const { session } = await wrong.ask('/set?user=ada', jar)
        for (let i = 0; i < 5; i++) {
          for (const at of [right, wrong]) {
            const answer = await at.ask('/get?key=user', jar)
            expect(answer).toMatchObject({ values: { user: 'ada' }, session, behind: false })
          }
        }
        await right.ask('/set?user=eve', jar)
        expect(await wrong.ask('/get?key=user', jar)).toMatchObject({ values: { user: 'eve' }, session })
        expect(wrong.said()).toMatch(
          new RegExp(`${Math.abs(shift) / 1000} seconds ${shift > 0 ? 'ahead of' : 'behind'}`),
        )
        expect(right.said()).not.toMatch(/seconds (ahead of|behind)/)
      } finally {
        right.stop()
        wrong.stop()
      }
    },
  )
})
