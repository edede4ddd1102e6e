import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type FastifyInstance, fastify as fastify5 } from 'fastify'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { sticky } from '../../src/fastify.ts'
import { memoryStore, type Sticky } from '../../src/index.ts'
import { cookieOf, send } from '../forward/support/client.ts'
import { gate } from '../shapes/gate.ts'

// The older major has its types under another name.
const fastify4: typeof fastify5 = createRequire(import.meta.url)('fastify4')

const make = () => sticky({ secret: 'a secret of the tests, 32 bytes or more', store: memoryStore() })
const portOf = (app: FastifyInstance) => (app.server.address() as AddressInfo).port

describe.each([
  ['Fastify 4', fastify4],
  ['Fastify 5', fastify5],
])('%s and the server below it', (_name, fastify) => {
  async function start() {
    const limpet = make()
    const app = fastify()
    await app.register(limpet)
    limpet.attach(app.server)
    return { app, limpet, listen: () => app.listen({ port: 0, host: '127.0.0.1' }) }
  }

  it('while it closes, a request that had begun is served with its session, and the 503 for a later one has the cookie', async () => {
    const { app, limpet, listen } = await start()
    const [begun, go] = [gate(), gate()]
    app.get('/slow', async (request) => {
      begun.open()
      await go.promise
      await request.sticky.session.set('saved', true)
      return `ready: ${limpet.isReady()}`
    })
    await listen()
    const socket = connect({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1' })
    socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
    await begun.promise
    const later = new Promise<void>((resolve) => app.server.once('request', () => resolve()))
    const closed = app.close()
    // On the same connection: nobody gets a new one any more.
    socket.write('GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await later
    go.open()
    const answers = (await text(socket)).split(/(?=HTTP\/1\.1 )/)
    await closed
    expect(answers).toEqual([expect.stringMatching(/^HTTP\/1.1 200 /), expect.stringMatching(/^HTTP\/1.1 503 /)])
    expect(answers[0]).toMatch(/ready: true$/)
    for (const answer of answers) expect(answer.match(/^set-cookie: limpet=2/gim)).toHaveLength(1)
    expect(limpet.isReady()).toBe(false)
  })

  it('a WebSocket: the handshake carries the cookie, and its handler reads and writes the session', async () => {
    const { app, listen } = await start()
    app.get('/', async (request) => String(await request.sticky.session.get('said')))
    const sockets = new WebSocketServer({ server: app.server })
    sockets.on('connection', (socket, request) => {
      const { session } = (request as typeof request & { sticky: Sticky }).sticky
      socket.on('message', async (said) => {
        await session.set('said', String(said))
        socket.send('saved')
      })
    })
    await listen()
    const { port } = app.server.address() as AddressInfo
    const cookie = cookieOf(await send(port, '/'))
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { cookie } })
    const shaken = gate<string[] | undefined>()
    socket.on('upgrade', (response) => shaken.open(response.headers['set-cookie']))
    const answered = new Promise<string>((resolve) => socket.on('message', (answer) => resolve(String(answer))))
    socket.on('open', () => socket.send('hello'))
    expect(await answered).toBe('saved')
    expect(await shaken.promise).toEqual([expect.stringMatching(/^limpet=2/)])
    expect(await send(port, '/', { headers: { cookie } })).toMatchObject({ text: 'hello' })
    socket.terminate()
    sockets.close()
    await app.close()
  })

  describe('what Fastify answers before any hook: a path that it cannot decode', () => {
    it('has no cookie by register() alone', async () => {
      const app = fastify()
      const limpet = make()
      await app.register(limpet)
      app.get('/', () => 'fine')
      await app.listen({ port: 0, host: '127.0.0.1' })
      expect(await send(portOf(app), '/%')).toMatchObject({ status: 400, cookies: [] })
      await app.close()
    })

    it('has it with attach(app.server), and the session of a route is the same', async () => {
      const { app, listen } = await start()
      app.get('/', (request) => request.sticky.id)
      await listen()
      const first = await send(portOf(app), '/%')
      expect(first).toMatchObject({ status: 400, cookies: [expect.any(String)] })
      const second = await send(portOf(app), '/', { headers: { cookie: cookieOf(first) } })
      const third = await send(portOf(app), '/', { headers: { cookie: cookieOf(first) } })
      expect(second).toMatchObject({ text: expect.stringMatching(/^[\w-]{24}$/), cookies: [expect.any(String)] })
      expect(third.text).toBe(second.text)
      await app.close()
    })

    it("has it with serverFactory, on every address of 'localhost'", async () => {
      const limpet = make()
      const app = fastify({
        serverFactory(handler) {
          const server = createServer(handler)
          limpet.attach(server)
          return server
        },
      })
      await app.register(limpet)
      app.get('/', () => 'fine')
      await app.listen({ port: 0 })
      expect(app.addresses().length).toBeGreaterThan(0)
      for (const { address, port } of app.addresses() as AddressInfo[]) {
        const host = address.includes(':') ? `[${address}]` : address
        const response = await fetch(`http://${host}:${port}/%`)
        expect(response.status).toBe(400)
        expect(response.headers.getSetCookie(), address).toHaveLength(1)
      }
      await app.close()
    })
  })
})
