import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { gate } from './gate.ts'
import { createLimpet } from './limpet.ts'
import { startServer } from './servers/start.ts'
import { raw, type ServerName, type Shape, servers } from './shape.ts'

const limpet = createLimpet()
afterAll(() => limpet.close())

/** Sends a request and hangs up when the app has it. */
async function askAndLeave(server: ServerName, port: number, arrived: Promise<void>): Promise<void> {
  if (server === 'http2') {
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    session.on('error', () => {})
    const stream = session.request({ ':path': '/' })
    stream.on('error', () => {})
    await arrived
    session.destroy()
    return
  }
  const socket = connectTcp({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await arrived
  socket.destroy()
}

describe('a client that is gone before the answer', () => {
  it.each(servers)('does the app no harm on %s', async (server) => {
    const arrived = gate()
    const answered = gate<unknown>()
    const app = raw(async (req, res) => {
      arrived.open()
      if (!req.destroyed) await once(req, 'close').catch(() => {})
      try {
        res.setHeader('Set-Cookie', 'a=1')
        res.writeHead(200, { 'X-A': '1' })
        res.end('nobody reads this')
        answered.open('as if the client were there')
      } catch (error) {
        answered.open(error)
      }
    })
    const shape: Shape = { name: 'gone', app, expect: { status: 200 } }
    const uncaught: unknown[] = []
    const running = await startServer({
      shape,
      server,
      contender: limpet,
      seen: () => {},
      uncaught: (error) => uncaught.push(error),
      kit: { cookie: limpet.cookie, server, headSeen: async () => {}, mark: () => {} },
    })
    await askAndLeave(server, running.port, arrived.promise)
    expect(await answered.promise).toBe('as if the client were there')
    await running.close()
    expect(uncaught).toEqual([])
  })
})
