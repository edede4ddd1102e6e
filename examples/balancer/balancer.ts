import type { Server } from 'node:net'
import { Ring } from './affinity.ts'
import { httpListener } from './http.ts'
import { tcpListener } from './tcp.ts'

export interface BalancerOptions {
  /** URLs of the backends, served in turn. */
  readonly backends: readonly string[]
  /**
   * How a client is told from another:
   * `http-insert`: by a cookie that the balancer adds (SERVERID); `http-rewrite`: by a cookie of the application, whose
   * value the balancer overwrites; `tcp`: by the source address of the connection.
   */
  readonly listener?: 'http-insert' | 'http-rewrite' | 'tcp'
  /** Whether a client is sent to the same backend again. */
  readonly persistence?: boolean
  /** Milliseconds without a request after which the balancer has forgotten a client. */
  readonly timeout?: number
  /** `http-insert`: the name of the balancer's cookie. `http-rewrite`: the name of the application's cookie (required). */
  readonly cookie?: string
  /** Milliseconds; a parameter, so that nobody has to wait for a timeout. */
  readonly clock?: () => number
  /** 0, the default, is any free port. */
  readonly port?: number
}

/** The options with everything filled in, as the listeners see them. */
export type Settings = Required<Omit<BalancerOptions, 'backends' | 'port'>> & { readonly ring: Ring }

export interface Balancer {
  readonly url: string
  readonly port: number
  /** Takes backends in and out of turn. A client whose backend is gone is given another. */
  setBackends(backends: readonly string[]): void
  close(): Promise<void>
}

/** What a listener gives back: a server that does not listen yet, and how to drop what it holds. */
export interface Listener {
  readonly server: Server
  drop(): void
}

/**
 * A load balancer that loses sessions as those of the big clouds do. The four causes, and where they are:
 *
 * 1. persistence is off                           http.ts, tcp.ts: `persistence`
 * 2. the timeout is shorter than a client's pause   http.ts, tcp.ts: `timeout`
 * 3. no cookie is set at status 400 and above     http.ts: `mark`
 * 4. on a 302 the cookie names another backend    http.ts: `mark`
 *
 * It serves tests and a demonstration on the loopback: no TLS, no health checks, no retries.
 */
export async function startBalancer(options: BalancerOptions): Promise<Balancer> {
  const { listener = 'http-insert', persistence = true, timeout = 1_000_000, clock = Date.now, port = 0 } = options
  if (listener === 'http-rewrite' && !options.cookie) {
    throw new TypeError("http-rewrite overwrites a cookie of the application: say which, as in { cookie: 'sid' }")
  }
  const ring = new Ring(options.backends)
  const settings: Settings = { listener, persistence, timeout, clock, ring, cookie: options.cookie ?? 'SERVERID' }
  const { server, drop } = listener === 'tcp' ? tcpListener(settings) : httpListener(settings)

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    setBackends: (backends) => ring.set(backends),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        drop()
      }),
  }
}
