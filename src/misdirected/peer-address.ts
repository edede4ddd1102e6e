import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** Connections to peers, kept open between requests. */
export interface PeerConnections {
  open(url: string, options: RequestOptions): ReturnType<typeof httpRequest>
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
      if (url.startsWith('unix:'))
        return httpRequest({ ...options, agent: http, socketPath: url.slice('unix:'.length) })
      const { protocol, hostname, port } = new URL(url)
      const to = { ...options, hostname: hostname.replace(/^\[|\]$/g, ''), port: port || undefined }
      return protocol === 'https:' ? httpsRequest({ ...to, agent: https }) : httpRequest({ ...to, agent: http })
    },
    close() {
      http.destroy()
      https.destroy()
    },
  }
}
