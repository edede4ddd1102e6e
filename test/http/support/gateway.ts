import { type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { createProxyServer } from 'httpxy'
import { Redis } from 'ioredis'
import { type LimpetEvent, type Sticky, type StickyOptions, sticky } from '../../../src/index.ts'
import { redisStore } from '../../../src/redis.ts'
import { serve } from './server.ts'

/** Passes a request on to the service, and its answer back. */
export type Relay = (request: IncomingMessage, response: ServerResponse, port: number) => void

function byHand(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url, headers } = request
  const outgoing = send({ host: '127.0.0.1', port, method, path: url, headers })
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    answer.pipe(response)
  })
  outgoing.once('error', () => response.destroy())
  request.pipe(outgoing)
}

function withHttpxy(request: IncomingMessage, response: ServerResponse, port: number): void {
  void createProxyServer().web(request, response, { target: { host: '127.0.0.1', port: String(port) } })
}

export const RELAYS: readonly (readonly [name: string, relay: Relay])[] = [
  ['by hand', byHand],
  ['with httpxy', withHttpxy],
]

type Handler = (request: Visited, response: ServerResponse) => Promise<unknown> | unknown

export type Visited = IncomingMessage & { sticky: Sticky }

export interface Node {
  readonly port: number
  readonly backend: string
  /** Its warnings. */
  readonly events: readonly LimpetEvent[]
  close(): Promise<void>
}

/** One process with limpet, on a Redis that others use too. What the handler returns is the body; undefined: the handler has answered. */
export async function startNode(
  redisUrl: string,
  backend: string,
  options: StickyOptions,
  handler: Handler,
): Promise<Node> {
  const client = new Redis(redisUrl)
  const events: LimpetEvent[] = []
  const limpet = sticky({
    secret: 'a secret of the tests, 32 bytes or more',
    store: redisStore(client),
    backend: { id: backend },
    onEvent: (event) => {
      if (event.type === 'warning') events.push(event)
    },
    ...options,
  })
  const running = await serve((request, response) =>
    limpet(request, response, async () => {
      const body = await handler(request as Visited, response)
      if (body !== undefined) response.end(JSON.stringify(body))
    }),
  )
  const close = async () => {
    await running.close()
    await limpet.close()
    client.disconnect()
  }
  return { port: running.port, backend, events, close }
}

/** `/login?ada`, `/logout`, `/set?value`, `/cached?ada` (a login that a shared cache may store); every path answers with what the session holds. */
export const service: Handler = async ({ url = '', sticky }, response) => {
  const { session } = sticky
  const [path, given = ''] = url.split('?')
  if (path === '/cached') response.setHeader('Cache-Control', 'public, max-age=60')
  if (path === '/login' || path === '/cached') await sticky.regenerate({ user: given })
  if (path === '/logout') await session.destroy()
  if (path === '/set') await session.set('value', given)
  response.setHeader('Set-Cookie', ['flash=hello; Path=/', 'other=1'])
  return { id: sticky.id, reason: sticky.reason, ...(await session.all()) }
}

/** `/own` answers as the service would; `/write/...` writes to the session, then relays; all else is relayed. */
export function gateway(relay: Relay, port: number): Handler {
  return async (request, response) => {
    const { sticky } = request
    if (request.url === '/own') return { id: sticky.id, reason: sticky.reason, ...(await sticky.session.all()) }
    if (request.url?.startsWith('/write/')) {
      request.url = request.url.slice('/write'.length)
      await sticky.session.set('gateway', 'was here')
    }
    relay(request, response, port)
    return undefined
  }
}
