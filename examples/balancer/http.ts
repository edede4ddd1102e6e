import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
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
    if (visit) mark(answer, visit, settings)
  })

  const server = createServer(async (request, response) => {
    const stamp = follow(request, settings)
    const backend = (stamp && ring.named(stamp.key)) ?? ring.next()
    if (!backend) return refuse(response, 503, 'no backend')
    visits.set(request, { backend, stamp })
    try {
      await proxy.web(request, response, { target: backend })
    } catch {
      refuse(response, 502, 'the backend did not answer')
    }
  })
  return {
    server,
    drop() {
      server.closeAllConnections()
      agent.destroy()
    },
  }
}

/** The stamp to be followed: of a backend that is still there, by a client that was not away for too long. */
function follow(request: IncomingMessage, { persistence, cookie, timeout, clock, ring }: Settings): Stamp | undefined {
  // Cause 1: persistence is switched off, whatever cookie the client holds.
  if (!persistence) return undefined
  const stamp = readStamp(request.headers.cookie, cookie)
  if (!stamp || !ring.named(stamp.key)) return undefined
  // Cause 2: the client paused for longer than the timeout.
  return clock() - stamp.lastSeen > timeout ? undefined : stamp
}

/** Writes the balancer's cookie into the answer of a backend. */
function mark(answer: IncomingMessage, visit: Visit, { listener, persistence, cookie, clock, ring }: Settings): void {
  // These speak of the connection to the backend, not of the client's.
  delete answer.headers.connection
  delete answer.headers['keep-alive']
  if (!persistence) return
  const status = answer.statusCode ?? 0
  // Cause 3: answers of 400 and above get no cookie; in rewrite mode the application's value goes through as it is.
  if (status >= 400) return
  // Cause 4: on a 302 the cookie changes and names another backend than the one that answered.
  const named = status === 302 ? ring.next(visit.backend) : visit.backend
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
