import { once } from 'node:events'
import { createServer, type IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { Server as SocketServer } from 'socket.io'
import { io } from 'socket.io-client'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Sticky, sticky } from '../../src/index.ts'
import { textOf } from '../http/support/client.ts'
import { Bytes } from '../shapes/wire/bytes.ts'
import { closeAll, later, listen, quiet } from './support/apps.ts'

afterEach(closeAll)

function make() {
  const { options, events } = quiet()
  const limpet = sticky(options)
  later(() => limpet.close())
  const server = createServer((_req, res) => void res.end('http'))
  return { limpet, server, events }
}

type WithSticky = IncomingMessage & { sticky: Sticky }

describe('ws', () => {
  it.each(['before', 'after'])(
    'attached %s it: the 101 carries the cookie, and the socket has the session',
    async (when) => {
      const { limpet, server, events } = make()
      if (when === 'before') limpet.attach(server)
      const sockets = new WebSocketServer({ server })
      if (when === 'after') limpet.attach(server)
      sockets.on('connection', async (socket, request: WithSticky) => {
        const { session } = request.sticky
        const n = await session.update('n', (value) => ((value as number | undefined) ?? 0) + 1)
        socket.send(JSON.stringify({ id: request.sticky.id, n }))
      })
      later(() => sockets.close())
      const port = await listen(server)
      const first = await talk(port)
      expect(first.cookies).toHaveLength(1)
      const second = await talk(port, first.cookies[0]?.split(';')[0])
      expect(second.message).toEqual({ id: (first.message as { id: string }).id, n: 2 })
      expect(events).toEqual([])
    },
  )

  it('a socket that it refuses gets the cookie with the refusal', async () => {
    const { limpet, server } = make()
    limpet.attach(server)
    const sockets = new WebSocketServer({ server, verifyClient: (_info, done) => done(false, 401, 'no') })
    later(() => sockets.close())
    const socket = new WebSocket(`ws://127.0.0.1:${await listen(server)}`)
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(401)
    expect(response.headers['set-cookie']).toEqual([expect.stringMatching(/^limpet=2/)])
    response.destroy()
  })
})

async function talk(port: number, cookie?: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: cookie === undefined ? {} : { cookie } })
  let cookies: string[] = []
  socket.once('upgrade', (response) => {
    cookies = response.headers['set-cookie'] ?? []
  })
  const [message] = await once(socket, 'message')
  const closed = once(socket, 'close')
  socket.close()
  await closed
  return { cookies, message: JSON.parse(String(message)) as unknown }
}

describe('socket.io', () => {
  it.each(['before', 'after'])("attached %s it: engine.io's own answers carry the cookie", async (when) => {
    const { limpet, server, events } = make()
    if (when === 'before') limpet.attach(server)
    const sockets = new SocketServer(server)
    if (when === 'after') limpet.attach(server)
    sockets.on('connection', (socket) => {
      const { sticky } = socket.request as WithSticky
      socket.emit('hello', sticky.id)
    })
    later(() => sockets.close())
    const port = await listen(server)
    for (const transport of ['polling', 'websocket'] as const) {
      const client = io(`http://127.0.0.1:${port}`, { transports: [transport], reconnection: false })
      const id = await new Promise((resolve, reject) => {
        client.once('hello', resolve)
        client.once('connect_error', reject)
      })
      expect(id).toMatch(/^[\w-]{24}$/)
      client.disconnect()
    }
    const polled = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`)
    expect([polled.status, cookiesOf(polled)]).toEqual([200, [expect.stringMatching(/^limpet=2/)]])
    const refused = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=pigeon`)
    expect([refused.status, cookiesOf(refused)]).toEqual([400, [expect.stringMatching(/^limpet=2/)]])
    expect(cookiesOf(await fetch(`http://127.0.0.1:${port}/`))).toHaveLength(1)
    const raw = await upgrade(port, '/socket.io/?EIO=4&transport=websocket', WEBSOCKET)
    expect(cookieLines(raw)).toHaveLength(1)
    expect(raw).toMatch(/^HTTP\/1\.1 101 /)
    expect(events).toEqual([])
  })
})

const cookiesOf = (response: Response) => response.headers.getSetCookie()
const WEBSOCKET = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

/** Everything up to the end of the head. */
async function upgrade(port: number, path = '/', headers = ''): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const bytes = new Bytes(socket)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`)
  const lines: string[] = []
  while (lines.at(-1) !== '') lines.push(await bytes.line())
  const body = Number(/content-length: (\d+)/i.exec(lines.join('\n'))?.[1] ?? 0)
  const rest = (await bytes.take(body)).toString()
  socket.destroy()
  return lines.join('\r\n') + rest
}

const cookieLines = (text: string) => text.split('\r\n').filter((line) => /^set-cookie: limpet=/i.test(line))

describe('whoever answers on the socket', () => {
  const head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tide'
  type Answer = (socket: Duplex, request: WithSticky) => unknown

  async function answered(answer: Answer): Promise<string> {
    const { limpet, server } = make()
    limpet.attach(server)
    server.on('upgrade', (request: WithSticky, socket) => {
      later(() => socket.destroy())
      answer(socket, request)
    })
    return upgrade(await listen(server))
  }

  it.each<[string, Answer]>([
    ['a text', (socket) => socket.write(`${head}\r\n\r\n`)],
    ['bytes', (socket) => socket.write(Buffer.from(`${head}\r\n\r\n`))],
    ['an array of bytes', (socket) => socket.write(new TextEncoder().encode(`${head}\r\n\r\n`))],
    [
      'a text with its encoding, and a callback',
      (socket) => socket.write(`${head}\r\n\r\n`, 'latin1', () => undefined),
    ],
    ['the end', (socket) => socket.end(`${head}\r\n\r\n`)],
    ['nothing first', (socket) => [socket.write(''), socket.write(`${head}\r\n\r\n`)]],
    ['corked', (socket) => [socket.cork(), socket.write(`${head}\r\n\r\n`), socket.uncork()]],
    ['later', async (socket, { sticky }) => [await sticky.session.set('n', 1), socket.write(`${head}\r\n\r\n`)]],
  ])('%s: one cookie', async (_what, answer) => {
    const text = await answered(answer)
    expect(text.startsWith('HTTP/1.1 101 Switching Protocols\r\n')).toBe(true)
    expect(cookieLines(text)).toHaveLength(1)
    expect(text).toContain('Upgrade: tide')
  })

  it('what was written before the head left is in the cookie', async () => {
    let version = 0
    const text = await answered(async (socket, { sticky }) => {
      await sticky.session.set('n', 1)
      version = 1
      socket.write(`${head}\r\n\r\n`)
    })
    expect(version).toBe(1)
    const { decodeToken } = await import('../../src/core/token.ts')
    expect(decodeToken(textOf(cookieLines(text)[0]?.slice('set-cookie: '.length) ?? ''))?.token.version).toBe(1)
  })

  it('the cookies of others stay, and one of our name goes', async () => {
    const text = await answered((socket) => socket.write(`${head}\r\nSet-Cookie: a=1\r\nset-cookie: limpet=x\r\n\r\n`))
    expect(cookieLines(text)).toEqual([expect.stringMatching(/limpet=2/)])
    expect(text).toContain('Set-Cookie: a=1\r\n')
  })

  it('a refusal that a shared cache may store goes without it (law 9)', async () => {
    const refusal = 'HTTP/1.1 404 Not Found\r\nCache-Control: public, max-age=60\r\nContent-Length: 4\r\n\r\nnöp'
    const text = await answered((socket) => socket.end(refusal))
    expect(cookieLines(text)).toEqual([])
    expect(text).toContain('nöp')
  })

  it('what is no head of HTTP, or not a whole one, is left as it is', async () => {
    for (const chunks of [['HTTP/1.1 101 Switching', ' Protocols\r\n\r\n'], ['tide\r\n\r\n']]) {
      const text = await answered((socket) => {
        for (const chunk of chunks) socket.write(chunk)
      })
      expect(`${text}\r\n`).toBe(chunks.join(''))
    }
  })

  it('an informational head first: the cookie comes with the next', async () => {
    const { limpet, server } = make()
    limpet.attach(server)
    server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
      socket.end(`${head}\r\n\r\n`)
    })
    const socket = connect(await listen(server), '127.0.0.1')
    const bytes = new Bytes(socket)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: tide\r\n\r\n')
    const [hints = '', switching = ''] = String(await bytes.rest()).split(/(?=HTTP\/1\.1 101)/)
    expect([cookieLines(hints), cookieLines(switching).length]).toEqual([[], 1])
  })

  it('a response object on the socket: one cookie', async () => {
    const text = await answered((socket, request) => {
      const response = new ServerResponse(request)
      response.assignSocket(socket as never)
      response.writeHead(401, { 'Content-Length': 2 }).end('no')
    })
    expect(text).toMatch(/^HTTP\/1\.1 401 /)
    expect(cookieLines(text)).toHaveLength(1)
  })

  it('afterwards nothing of the hook is left on the socket', async () => {
    let left: unknown
    await answered((socket) => {
      socket.write(`${head}\r\n\r\n`)
      left = [Object.hasOwn(socket, 'write'), Object.hasOwn(socket, 'end')]
    })
    expect(left).toEqual([false, false])
  })

  it('the middleware itself may be called for the session: limpet(req, {}, next)', async () => {
    const { limpet, server, events } = make()
    limpet.attach(server)
    const called = new Promise((resolve) => {
      server.on('upgrade', (request: WithSticky, socket) => {
        const { sticky } = request
        limpet(request, {} as never, () => resolve(request.sticky === sticky))
        socket.end(`${head}\r\n\r\n`)
      })
    })
    await upgrade(await listen(server))
    expect(await called).toBe(true)
    expect(events).toEqual([])
  })
})
