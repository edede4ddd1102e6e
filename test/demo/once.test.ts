import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { afterEach, expect, test, vi } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

// Processes and browsers take their time on a machine that does other things as well.
vi.setConfig({ testTimeout: 120_000 })

const main = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url))
const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function redis(...args: string[]): Promise<RedisServer> {
  const server = await startRedis(args)
  ends.push(() => server.stop())
  return server
}

/** Runs the demo to its end. */
async function demo(args: readonly string[], env: Record<string, string> = {}) {
  const { REDIS_URL: _url, LIMPET_SECRET: _secret, PORT: _port, ...rest } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { env: { ...rest, ...env } })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text
  })
  const [code] = await once(child, 'close')
  return { code, out, err }
}

const table = `
1. Persistence is off       POST /cart   GET /cart    GET /cart    GET /cart
   balancer alone  LOST     b1 200       b2 lost      b3 lost      b1 kept
   shared store    KEPT     b1 200       b2 kept      b3 kept      b1 kept
   with sticky()   KEPT     b1 200       b2 kept      b3 kept      b1 kept
2. The timeout is too short POST /cart   GET /cart    +90s GET /cart
   balancer alone  LOST     b1 200       b1 kept      b2 lost
   shared store    KEPT     b1 200       b1 kept      b2 kept
   with sticky()   KEPT     b1 200       b1 kept      b2 kept
3. A 404 comes first        GET /gone    GET /cart    GET /cart
   balancer alone  LOST     b1 404       b2 lost      b2 lost
   shared store    KEPT     b1 404       b2 kept      b2 kept
   with sticky()   KEPT     b1 404       b2 kept      b2 kept
4. Logging in is a 302      POST /login  GET /account GET /account
   balancer alone  LOST     b1 302       b2 lost      b2 lost
   shared store    KEPT     b1 302       b2 kept      b2 kept
   with sticky()   KEPT     b1 302       b2 kept      b2 kept

                                balancer alone  shared store    with sticky()
`

/** How many the first two lanes keep differs from time to time; all are 21. */
const trials = new RegExp(
  [
    '5\\. Many tabs at once            kept 1?\\d of 21 {3,4}kept 1?\\d of 21 {3,4}kept 21 of 21',
    '6\\. Logout in a slow request     is back         is back         stays ended',
    '7\\. A deploy                     lost at stop 1  kept            kept',
  ].join('\n'),
)

test('--once prints all of it in half a screen, serves nothing and ends with 0', async () => {
  const { code, out, err } = await demo(['--once'])
  expect(out).toContain(table)
  expect(out).toMatch(trials)
  expect(out).toContain('one MemoryStore, which is\n                   here for connect-redis')
  expect(out).toContain('The balancer alone loses the session each time. A shared store mends')
  const lines = out.split('\n')
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  expect(lines.length).toBeLessThanOrEqual(40)
  expect(out).not.toContain('http://localhost')
  expect(out).toContain('To see a failover of Redis: --redis')
  expect(err).toBe('')
  expect(code).toBe(0)
})

test('--redis: nine processes and a real Redis show the same, connect-redis in the lane between', async () => {
  const { url } = await redis()
  const client = new Redis(url)
  ends.unshift(() => client.disconnect())
  const { code, out, err } = await demo(['--once', '--redis'], { REDIS_URL: url })
  expect(err).toBe('')
  expect(out).toContain(table)
  expect(out).toMatch(trials)
  expect(out).toContain('8. Redis fails over             no Redis        says nothing    says behind\n')
  expect(out).toContain('express-session with connect-redis')
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(out.split('\n').length).toBeLessThanOrEqual(40)
  expect((await client.keys('demo:*')).length).toBeGreaterThan(0)
  expect(code).toBe(0)
})

test('a Redis that takes no write: the table says so for both lanes that need it, and the code is 1', async () => {
  const { url } = await redis('--maxmemory', '1')
  const { code, out } = await demo(['--once', '--redis'], { REDIS_URL: url })
  expect(out).toContain('   with sticky()   FAILED   b1 error 503')
  // connect-redis says nothing to the client: its answer is a 200, and the next request finds no cart.
  expect(out).toContain('   shared store    LOST     b1 200       b2 lost')
  expect(out).toContain('This is not what the demo should show')
  expect(code).toBe(1)
})

test('--redis without REDIS_URL says what to write', async () => {
  const { code, out, err } = await demo(['--redis'], { PORT: '0' })
  expect(err).toBe(
    'limpet demo: --redis needs REDIS_URL, as in: REDIS_URL=redis://127.0.0.1:6379 npm run demo -- --redis\n',
  )
  expect([code, out]).toEqual([1, ''])
})

test('--redis with a Redis that is not there says where it looked, without the password', async () => {
  const { code, err } = await demo(['--once', '--redis'], { REDIS_URL: 'redis://:hush@127.0.0.1:1' })
  expect(err).toBe('limpet demo: cannot reach the Redis at 127.0.0.1:1 (REDIS_URL): connect ECONNREFUSED 127.0.0.1:1\n')
  expect(code).toBe(1)
  expect((await demo(['--once', '--redis'], { REDIS_URL: 'localhost' })).err).toContain('redis://127.0.0.1:6379')
})

test('an unknown option is answered with what to write', async () => {
  const { code, out, err } = await demo(['--onec'])
  expect(err).toContain('limpet demo: "--onec" is not an option of the demo. Write:')
  expect(err).toContain('npm run demo -- --once ')
  expect([code, out]).toEqual([1, ''])
  const help = await demo(['--help'])
  expect([help.code, help.err]).toEqual([0, ''])
  expect(help.out).toContain('npm run demo -- --redis ')
})

test('a port that is taken is said before anything is played', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  ends.push(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { code, out, err } = await demo([], { PORT: String(port) })
  expect(err).toBe(`limpet demo: port ${port} is taken: choose another, as in PORT=3100 npm run demo\n`)
  expect([code, out]).toEqual([1, ''])
})
