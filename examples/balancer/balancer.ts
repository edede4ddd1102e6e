import type { IncomingMessage } from 'node:http'
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
  /** Cause 3: answers of 400 and above get no cookie. Default: true, as the big clouds do it. */
  readonly bareErrors?: boolean
  /** Cause 4: on a 302 the cookie names another backend. Default: true, as the big clouds do it. */
  readonly movesOnRedirect?: boolean
  /** Requests whose cookie is not followed. Default: none. */
  readonly ignores?: (request: IncomingMessage) => boolean
  /** Other faults: may change an answer once the balancer's cookie is in it. */
  readonly alter?: (answer: IncomingMessage, request: IncomingMessage) => void
  /** A key and a certificate, for https. Default: plain http. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined
  /** Milliseconds; a parameter, so that nobody has to wait for a timeout. */
  readonly clock?: () => number
  /** 0, the default, is any free port. */
  readonly port?: number
}

/** The options with everything filled in, as the listeners see them. */
export type Settings = Required<Omit<BalancerOptions, 'backends' | 'port' | 'tls'>> &
  Pick<BalancerOptions, 'tls'> & { readonly ring: Ring }

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
 * 3. no cookie is set at status 400 and above     http.ts: `mark`, `bareErrors`
 * 4. on a 302 the cookie names another backend    http.ts: `mark`, `movesOnRedirect`
 *
 * It serves tests and a demonstration on the loopback: no health checks, no retries.
 */
export async function startBalancer(options: BalancerOptions): Promise<Balancer> {
  const { listener = 'http-insert', persistence = true, timeout = 1_000_000, clock = Date.now, port = 0 } = options
  if (listener === 'http-rewrite' && !options.cookie) {
    throw new TypeError("http-rewrite overwrites a cookie of the application: say which, as in { cookie: 'sid' }")
  }
  const ring = new Ring(options.backends)
  const { bareErrors = true, movesOnRedirect = true, ignores = () => false, alter = () => undefined, tls } = options
  const faults = { bareErrors, movesOnRedirect, ignores, alter }
  const cookie = options.cookie ?? 'SERVERID'
  const settings: Settings = { listener, persistence, timeout, clock, ring, cookie, tls, ...faults }
  const { server, drop } = listener === 'tcp' ? tcpListener(settings) : httpListener(settings)

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${bound}`,
    port: bound,
    setBackends: (backends) => ring.set(backends),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        drop()
      }),
  }
}
