import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../package/support/built.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { runScript } from './support/child.ts'

const ENTRIES = [
  'limpet',
  'limpet/koa',
  'limpet/fastify',
  'limpet/hono',
  'limpet/redis',
  'limpet/hints',
  'limpet/testing',
  'limpet/metrics',
  'limpet/undici',
  'limpet/opentelemetry',
]
const SECRET = 'a secret of the tests, 32 bytes or more'

beforeAll(ensureBuilt)

/** What an import could leave behind in a process. Loading itself leaves files and pipes half closed; those do not count. */
const TRACES = `
const { writeHead, end } = http.ServerResponse.prototype
const traces = () => JSON.stringify({
  globals: Object.getOwnPropertyNames(globalThis).length,
  listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
  resources: process.getActiveResourcesInfo().filter((kind) => /Timeout|Immediate|TCP|TLS|Watch|Signal/.test(kind)),
  patched: http.ServerResponse.prototype.writeHead !== writeHead || http.ServerResponse.prototype.end !== end,
  environment: Object.keys(process.env),
})
// Looking makes Node load what it loads lazily.
traces()
const before = traces()
`
const COMPARE = "process.stdout.write(traces() === before ? 'nothing' : before + ' became ' + traces())"

describe('importing does nothing (law 12)', () => {
  it.each(ENTRIES)('%s, as an ES module', async (entry) => {
    const ended = await runScript(`import http from 'node:http'; ${TRACES}; await import('${entry}'); ${COMPARE}`)
    expect(ended).toEqual({ code: 0, stdout: 'nothing', stderr: '' })
  })

  it.each(ENTRIES)('%s, as CommonJS', async (entry) => {
    const script = `const http = require('node:http'); ${TRACES}; require('${entry}'); ${COMPARE}`
    expect(await runScript(script, {}, true)).toEqual({ code: 0, stdout: 'nothing', stderr: '' })
  })

  it('and the comparison would notice', async () => {
    const script = `import http from 'node:http'; ${TRACES}; setTimeout(() => {}, 1); process.on('exit', () => {}); ${COMPARE}`
    expect((await runScript(script)).stdout).toMatch(/ became .*"exit".*Timeout/)
  })

  it('not even in production with a Redis that is not there: only sticky() does something', async () => {
    const env = { NODE_ENV: 'production', REDIS_URL: 'redis://127.0.0.1:1', LIMPET_SECRET: 'too short' }
    const ended = await runScript(
      `await import('limpet'); await import('limpet/koa'); await import('limpet/fastify')`,
      env,
    )
    expect(ended).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

/** A server, one request that writes and one that reads, then the end. Prints what is left to do for the process. */
const serveOnce = (made: string, closing = 'await handle.close()') => `
  import http from 'node:http'
  ${made}
  const server = http.createServer((req, res) => handle(req, res, async () => {
    await req.sticky.session.update('n', (n) => (n ?? 0) + 1)
    res.end(String(await req.sticky.session.get('n')))
  }))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const get = (headers) => new Promise((resolve, reject) => {
    const request = http.get({ port: server.address().port, host: '127.0.0.1', agent: false, headers }, async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve({ body, cookie: response.headers['set-cookie']?.[0].split(';')[0] })
    })
    request.on('error', reject)
  })
  const first = await get({})
  const second = await get({ cookie: first.cookie })
  process.stdout.write(first.body + ' ' + second.body)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  ${closing}
`

const IOREDIS = `
  import { sticky } from 'limpet'
  import { redisStore } from 'limpet/redis'
  import { Redis } from 'ioredis'
  const client = new Redis(process.env.URL, { enableOfflineQueue: false, autoResendUnfulfilledCommands: false })
  const handle = sticky({ store: redisStore(client) })
`
const NODE_REDIS = `
  import { sticky } from 'limpet'
  import { redisStore } from 'limpet/redis'
  import { createClient } from 'redis'
  const client = createClient({ url: process.env.URL, disableOfflineQueue: true })
  await client.connect()
  const handle = sticky({ store: redisStore(client) })
`
const STICKY = `
  import { sticky } from 'limpet'
  const handle = sticky()
`

/** After close() the client still works, and it is the only connection that Redis has. */
const STILL_USABLE = `
  await handle.close()
  const send = (...command) => (client.call ? client.call(...command) : client.sendCommand(command))
  const until = performance.now() + 5000
  let connections
  do connections = (await send('CLIENT', 'LIST')).trim().split('\\n').length
  while (connections > 1 && performance.now() < until)
  if (connections !== 1) throw new Error(connections + ' connections are open')
  client.disconnect ? client.disconnect() : client.destroy()
`

describe('close() ends everything, and the process with it', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  it.each([
    ['the memory store', STICKY, undefined, {}],
    ['its own connections to REDIS_URL', STICKY, undefined, { REDIS_URL: '*' }],
    ['what it added to an ioredis client, which stays open', IOREDIS, STILL_USABLE, { URL: '*' }],
    ['what it added to a node-redis client, which stays open', NODE_REDIS, STILL_USABLE, { URL: '*' }],
    ['the same when it is called twice', STICKY, 'await handle.close(); await handle.close()', { REDIS_URL: '*' }],
    [
      'the same when it is called twice at once, with node-redis',
      NODE_REDIS,
      `await Promise.all([handle.close(), handle.close()]); ${STILL_USABLE}`,
      { URL: '*' },
    ],
  ])('%s', async (_, made, closing, wanted) => {
    const env = Object.fromEntries(Object.keys(wanted).map((name) => [name, redis.url]))
    const ended = await runScript(serveOnce(made, closing), { LIMPET_SECRET: SECRET, ...env })
    expect(ended).toEqual({ code: 0, stdout: '1 2', stderr: '' })
  })

  it.each([
    ['at once after the start', 'redis://127.0.0.1:1', STICKY],
    [
      'while node-redis is still looking for its server',
      'redis://127.0.0.1:1',
      NODE_REDIS.replace('await client', 'client'),
    ],
  ])('also where Redis was never there: %s', async (_, url, made) => {
    const quiet = made.includes('createClient')
      ? made.replace('client.connect()', 'client.on("error", () => {}).connect().catch(() => {})')
      : made
    const end = made.includes('createClient') ? 'client.destroy()' : ''
    const ended = await runScript(`${quiet}; await handle.close(); ${end}`, {
      LIMPET_SECRET: SECRET,
      REDIS_URL: url,
      URL: url,
    })
    expect(ended).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('where Redis has gone away in the meantime', async () => {
    const dying = await startRedis()
    const script = `
      import { sticky } from 'limpet'
      const events = []
      let resolve
      const up = new Promise((done) => { resolve = done })
      // limpet itself keeps no process alive.
      const alive = setInterval(() => undefined, 1000)
      const handle = sticky({ onEvent: (event) => { events.push(event.state); if (event.state === 'up') resolve() } })
      await up
      const down = new Promise((done) => { resolve = done })
      process.kill(Number(process.env.REDIS_PID), 'SIGKILL')
      while (!events.includes('down')) await new Promise((done) => setTimeout(done, 10))
      await handle.close()
      clearInterval(alive)
    `
    const env = { LIMPET_SECRET: SECRET, REDIS_URL: dying.url, REDIS_PID: String(dying.pid) }
    expect(await runScript(script, env)).toEqual({ code: 0, stdout: '', stderr: '' })
    await dying.stop()
  })

  it('leaves no timer and no socket: nothing that keeps a process alive is there afterwards', async () => {
    const left = `
      await handle.close()
      const left = () => process.getActiveResourcesInfo().filter((kind) => /Timeout|TCP|TLS/.test(kind))
      // A connection is gone when the other side has heard of it.
      const until = performance.now() + 2000
      while (left().length > 0 && performance.now() < until) await new Promise((resolve) => setImmediate(resolve))
      process.stdout.write(' ' + JSON.stringify(left()))
    `
    for (const env of [{}, { REDIS_URL: redis.url }]) {
      const ended = await runScript(serveOnce(STICKY, left), { LIMPET_SECRET: SECRET, ...env })
      expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^1 2 \[\]$/), stderr: '' })
    }
  })

  it('sticky() with memory alone keeps no process alive, even without close()', async () => {
    const ended = await runScript(`${STICKY}; process.stdout.write(String(process.getActiveResourcesInfo()))`, {
      LIMPET_SECRET: SECRET,
    })
    expect(ended).toMatchObject({ code: 0, stdout: expect.not.stringMatching(/Timeout|TCP/) })
  })
})
