import type { ServerOptions } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { connect } from 'node:net'
import type { Contender } from './contenders.ts'
import { cookieNamed } from './judge.ts'
import { type Problem, problem } from './problem.ts'
import { startServer } from './servers/start.ts'
import { raw, type ServerName, type Shape } from './shape.ts'
import { Bytes } from './wire/bytes.ts'
import { readResponse } from './wire/http1.ts'

/** A response on which no middleware can put a cookie. Kept true here, so that the documentation that lists them stays true. */
export interface Unreachable {
  readonly name: string
  readonly status: number
  /** What the client sends, to the byte. */
  readonly bytes: string
  /** Which of the responses is the one; the others go through the app. */
  readonly response?: number
  readonly options?: ServerOptions
  readonly app?: Shape['app']
  readonly server?: Shape['server']
}

const get = 'GET / HTTP/1.1\r\nHost: a\r\n'
const hello = raw((_req, res) => void res.writeHead(200).end('hello'))

export const unreachable: readonly Unreachable[] = [
  { name: '400: no request line that Node could read', status: 400, bytes: 'hello there\r\n\r\n' },
  { name: '400: a broken header', status: 400, bytes: `${get}broken header\r\n\r\n` },
  { name: '400: no Host', status: 400, bytes: 'GET / HTTP/1.1\r\n\r\n' },
  { name: '431: headers over the limit', status: 431, bytes: `${get}X-Big: ${'x'.repeat(20_000)}\r\n\r\n` },
  {
    name: '408: the request never ends',
    status: 408,
    bytes: get,
    options: { headersTimeout: 20, requestTimeout: 20, connectionsCheckingInterval: 10 },
  },
  {
    name: '417: an expectation that the app does not listen for',
    status: 417,
    bytes: `${get}Expect: a-miracle\r\n\r\n`,
  },
  {
    name: '503: more requests than maxRequestsPerSocket',
    status: 503,
    bytes: `${get}\r\n${get}\r\n`,
    response: 1,
    server: (server) => {
      if ('maxRequestsPerSocket' in server) server.maxRequestsPerSocket = 1
    },
  },
  {
    name: "101: an upgrade, answered on the socket by the app's own listener",
    status: 101,
    bytes: `${get}Connection: Upgrade\r\nUpgrade: tide\r\n\r\n`,
    server: (server) => {
      server.on('upgrade', (_req, socket) => {
        socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tide\r\n\r\n')
      })
    },
  },
  {
    name: '200: the app writes the bytes of the response to the socket itself',
    status: 200,
    bytes: `${get}\r\n`,
    app: raw((_req, res) => void res.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')),
  },
]

/** The same on HTTP/2: the app goes past the response object, to the stream. */
export const unreachableOnHttp2: Shape = {
  name: '200: the app calls stream.respond() of HTTP/2 itself',
  app: raw((_req, res) => {
    const { stream } = res as unknown as Http2ServerResponse
    stream.respond({ ':status': 200 })
    stream.end('hi')
  }),
  expect: { status: 200, body: 'hi', ours: 'none' },
}

/** Sends the bytes and holds the response to its status, and to having no cookie of the contender. */
export async function playUnreachable(
  row: Unreachable,
  server: Exclude<ServerName, 'http2'>,
  contender: Contender,
): Promise<Problem[]> {
  const { name, status, bytes, response = 0, options = {}, app = hello } = row
  const shape: Shape = { name, app, expect: { status }, ...(row.server ? { server: row.server } : {}) }
  const problems: Problem[] = []
  const kit = { cookie: contender.cookie, server, headSeen: async () => {}, mark: () => {} }
  const uncaught = (error: unknown) => void problems.push(problem('uncaught', String(error)))
  const running = await startServer({ shape, server, contender, kit, seen: () => {}, uncaught }, options)
  const socket = connect({ port: running.port, host: '127.0.0.1' })
  try {
    const reader = new Bytes(socket)
    socket.write(bytes, 'latin1')
    for (let i = 0; i < response; i++) await readResponse(reader, {}, nothing, nothing)
    const received = await readResponse(reader, {}, nothing, nothing)
    if (received.status !== status) problems.push(problem(`status ${received.status}`, `${received.statusLine}`))
    if (cookieNamed(received, contender.cookie)) problems.push(problem('a cookie', 'it can be reached after all'))
  } finally {
    socket.destroy()
    await running.close()
  }
  return problems
}

const nothing = () => {}
