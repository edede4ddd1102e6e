import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { createProxyServer } from 'httpxy'
import { readStamp, rewrite, type Stamp, writeStamp } from './affinity.ts'
import type { Listener, Settings } from './balancer.ts'

/** One request on its way: where it was sent, and the stamp that sent it there. */
interface Visit {
  readonly backend: string
  readonly stamp: Stamp | undefined
}

/** The layer-7 listener: it reads requests, so it can tell clients apart by a cookie. */
export function httpListener(settings: Settings): Listener {
  const { ring } = settings
  const agent = new Agent({ keepAlive: true })
  const proxy = createProxyServer({ agent, xfwd: true })
  const visits = new WeakMap<IncomingMessage, Visit>()

  // httpxy copies the answer's headers to the client right after this event.
  proxy.on('proxyRes', (answer, request) => {
    const visit = visits.get(request)
    if (!visit) return
    mark(answer, visit, settings)
    settings.alter(answer, request)
  })

  const choose = (request: IncomingMessage) => {
    const stamp = follow(request, settings)
    const backend = (stamp && ring.named(stamp.key)) ?? ring.next()
    if (backend) visits.set(request, { backend, stamp })
    return backend
  }
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const backend = choose(request)
    if (!backend) return refuse(response, 503, 'no backend')
    try {
      await proxy.web(request, response, { target: backend })
    } catch {
      refuse(response, 502, 'the backend did not answer')
    }
  }
  const server = settings.tls ? createSecureServer(settings.tls, serve) : createServer(serve)
  const upgraded = new Set<Socket>()
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    upgraded.add(socket.once('close', () => upgraded.delete(socket)).on('error', () => socket.destroy()))
    const backend = choose(request)
    if (!backend) return socket.destroy()
    proxy.ws(request, socket, { target: backend }, head).catch(() => socket.destroy())
  })
  return {
    server,
    drop() {
      for (const socket of upgraded) socket.destroy()
      server.closeAllConnections()
      agent.destroy()
    },
  }
}

/** The stamp to be followed: of a backend that is still there, by a client that was not away for too long. */
function follow(request: IncomingMessage, settings: Settings): Stamp | undefined {
  const { persistence, cookie, timeout, clock, ring, ignores } = settings
  // Cause 1: persistence is switched off, whatever cookie the client holds.
  if (!persistence || ignores(request)) return undefined
  const stamp = readStamp(request.headers.cookie, cookie)
  if (!stamp || !ring.named(stamp.key)) return undefined
  // Cause 2: the client paused for longer than the timeout.
  return clock() - stamp.lastSeen > timeout ? undefined : stamp
}

/** Writes the balancer's cookie into the answer of a backend. */
function mark(answer: IncomingMessage, visit: Visit, settings: Settings): void {
  const { listener, persistence, cookie, clock, ring, bareErrors, movesOnRedirect } = settings
  // These speak of the connection to the backend, not of the client's.
  delete answer.headers.connection
  delete answer.headers['keep-alive']
  if (!persistence) return
  const status = answer.statusCode ?? 0
  // Cause 3: answers of 400 and above get no cookie; in rewrite mode the application's value goes through as it is.
  if (status >= 400 && bareErrors) return
  // Cause 4: on a 302 the cookie changes and names another backend than the one that answered.
  const named = status === 302 && movesOnRedirect ? ring.next(visit.backend) : visit.backend
  const now = clock()
  const value = writeStamp(named ?? visit.backend, now, visit.stamp?.firstSeen ?? now)
  const cookies = answer.headers['set-cookie'] ?? []
  if (listener === 'http-insert') answer.headers['set-cookie'] = [...cookies, `${cookie}=${value}; Path=/`]
  else if (cookies.length > 0) answer.headers['set-cookie'] = cookies.map((line) => rewrite(line, cookie, value))
}

function refuse(response: ServerResponse, status: number, why: string): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(status, { 'content-type': 'text/plain' }).end(`balancer: ${why}\n`)
}
