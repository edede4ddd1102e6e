import { ClientRequest, Agent as HttpAgent, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** Connections to peers, kept open between requests. */
export interface PeerConnections {
  open(url: string, options: RequestOptions): ClientRequest
  close(): void
}

/**
 * Milliseconds within which a peer has to take a connection. What is slow after that is its own affair: a long poll is
 * no failure.
 */
export const CONNECT_WITHIN = 1000

/**
 * Milliseconds that an idle connection to a peer stays open at most; Node closes it a second before the time that the
 * peer's `Keep-Alive` names.
 */
const IDLE = 60_000

export function createPeerConnections(): PeerConnections {
  const options = { keepAlive: true, timeout: IDLE, scheduling: 'lifo' } as const
  const http = new HttpAgent(options)
  const https = new HttpsAgent(options)
  return {
    open(url, options) {
      if (url.startsWith('unix:')) return request({ ...options, agent: http, socketPath: url.slice('unix:'.length) })
      const { protocol, hostname, port } = new URL(url)
      const isHttps = protocol === 'https:'
      const agent = isHttps ? https : http
      const host = hostname.replace(/^\[|\]$/g, '')
      return request({ ...options, protocol, agent, host, port: port || (isHttps ? 443 : 80) })
    },
    close() {
      http.destroy()
      https.destroy()
    },
  }
}

/**
 * Not by `http.request`: tools that trace a process take its place, and some of them turn a list of fields into
 * something else.
 */
function request(options: RequestOptions): ClientRequest {
  return new ClientRequest(options as never)
}
