import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../package/support/built.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { runScript } from './support/child.ts'

const LIMPET_SECRET = 'a secret of the tests, 32 bytes or more'

let redis: RedisServer
beforeAll(async () => {
  await ensureBuilt()
  redis = await startRedis()
})
afterAll(() => redis.stop())

/** Prints `late` if the process is still there after a second. By itself this timer keeps nobody there. */
const SENTINEL = "setTimeout(() => process.stdout.write('late'), 1000).unref()"

const CLIENTS = [
  ['ioredis 6', "new (await import('ioredis')).Redis(process.env.URL)"],
  ['ioredis 5', "new (await import('ioredis5')).Redis(process.env.URL)"],
  ['node-redis 6', "await (await import('redis')).createClient({ url: process.env.URL }).connect()"],
  ['node-redis 5', "await (await import('redis5')).createClient({ url: process.env.URL }).connect()"],
] as const

/** One visit: a plain object is enough of a response for a session, and nobody reads the cookie. */
const VISIT = `
  const { IncomingMessage, ServerResponse } = await import('node:http')
  const { Socket } = await import('node:net')
  const visit = async (handle, cookie, work) => {
    const request = new IncomingMessage(new Socket())
    if (cookie) request.headers.cookie = cookie
    const response = new ServerResponse(request)
    handle(request, response, () => {})
    const value = await work(request.sticky.session)
    response.writeHead(200)
    return { value, cookie: response.getHeader('set-cookie').split(';')[0] }
  }
`

describe.each(CLIENTS)('a client that was handed in: %s', (_name, client) => {
  it('has the listeners that it had, with twelve sticky() over it and after they are closed; they share sessions', async () => {
    const script = `
      const { sticky } = await import('limpet')
      const { redisStore } = await import('limpet/redis')
      ${VISIT}
      process.on('warning', ({ name, message }) => process.stdout.write(name + ': ' + message))
      const client = ${client}
      if (client.status) await new Promise((resolve) => (client.status === 'ready' ? resolve() : client.once('ready', resolve)))
      const listeners = () =>
        JSON.stringify([client, client.connector, client.stream, process].map((it) =>
          (it?.eventNames?.() ?? []).map((name) => [String(name), it.listenerCount(name)])))
      const before = listeners()
      const handles = Array.from({ length: 12 }, () => sticky({ store: redisStore(client) }))
      let { cookie } = await visit(handles[0], undefined, () => undefined)
      for (const handle of handles) {
        ;({ cookie } = await visit(handle, cookie, (session) => session.update('n', (n) => (n ?? 0) + 1)))
      }
      const last = await visit(handles[5], cookie, (session) => session.get('n'))
      const during = listeners()
      await Promise.all(handles.map((handle) => handle.close()))
      const same = [during, listeners()].map((now) => (now === before ? 'same' : before + ' became ' + now))
      await new Promise((resolve) => setImmediate(resolve))
      process.stdout.write([last.value, ...same].join(' '))
      client.disconnect && client.status ? client.disconnect() : client.destroy()
      ${SENTINEL}
    `
    const ended = await runScript(script, { LIMPET_SECRET, URL: redis.url })
    expect(ended).toEqual({ code: 0, stdout: '12 same same', stderr: '' })
  })
})

describe('the process ends', () => {
  it.each([
    ['memory', ''],
    ['REDIS_URL', '*'],
    ['REDIS_URL where nobody is', 'redis://127.0.0.1:1'],
  ])('at once when it is closed right after the start: %s', async (_, url) => {
    const script = `import { sticky } from 'limpet'; await sticky().close(); ${SENTINEL}`
    const ended = await runScript(script, { LIMPET_SECRET, REDIS_URL: url === '*' ? redis.url : url })
    expect(ended).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it.each(CLIENTS)('at once when a store on a client is closed right after the start: %s', async (_, client) => {
    const script = `
      const { sticky } = await import('limpet')
      const { redisStore } = await import('limpet/redis')
      const client = ${client}
      await sticky({ store: redisStore(client) }).close()
      client.disconnect && client.status ? client.disconnect() : client.destroy()
      ${SENTINEL}
    `
    expect(await runScript(script, { LIMPET_SECRET, URL: redis.url })).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it.each([
    ['Express, memory', 'limpet', ''],
    ['Express, REDIS_URL', 'limpet', '*'],
    ['Koa, memory', 'limpet/koa', ''],
    ['Koa, REDIS_URL', 'limpet/koa', '*'],
  ])('when its server has closed and nobody kept the handle: %s', async (_, entry, url) => {
    const script = `
      const { sticky } = await import('${entry}')
      const count = ({ session }) => session.update('n', (n) => (n ?? 0) + 1)
      let app
      if ('${entry}' === 'limpet') {
        app = (await import('express')).default()
        app.use(sticky())
        app.get('/', async (req, res) => res.send(String(await count(req.sticky))))
      } else {
        app = new (await import('koa')).default()
        app.use(sticky())
        app.use(async (ctx) => { ctx.body = String(await count(ctx.sticky)) })
      }
      const server = app.listen(0, '127.0.0.1', async () => {
        const { get } = await import('node:http')
        get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => {
          response.on('data', (chunk) => process.stdout.write(chunk))
          response.on('end', () => server.close(() => { ${SENTINEL} }))
        })
      })
    `
    const ended = await runScript(script, { LIMPET_SECRET, REDIS_URL: url === '*' ? redis.url : url })
    expect(ended).toEqual({ code: 0, stdout: '1', stderr: '' })
  })
})
