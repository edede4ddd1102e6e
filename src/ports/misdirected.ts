import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Duplex } from 'node:stream'

/** A request as it came, for who passes it on. */
export type Raw =
  | {
      readonly kind: 'request'
      readonly request: IncomingMessage | Http2ServerRequest
      readonly response: ServerResponse | Http2ServerResponse
      /** The client waits for 100 before it sends the body, and nobody has sent it. */
      readonly awaitsContinue: boolean
    }
  | { readonly kind: 'upgrade'; readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }

/** The backend to pass a request on to. */
export interface Peer {
  readonly boot: string
  readonly id: string
  readonly url: string
  /** What the hint of its sessions says; undefined: it has none. */
  readonly hint: string | undefined
  /** Aborted when the backend is found to be gone. */
  readonly gone: AbortSignal
}

/** Our Set-Cookie, and the hint's where one is due; undefined: neither. */
export type OurCookie = string | string[] | undefined

/** How a request that was passed on ended. */
export interface Passed {
  /**
   * `answered`: the client has the owner's answer. `unreachable`: nothing was sent, so the request can be served here.
   * `broken`: the owner had got the request, and did not answer to the end. `aborted`: the client went away.
   */
  readonly outcome: 'answered' | 'unreachable' | 'broken' | 'aborted'
  readonly status?: number | undefined
}

/**
 * Carries out what was decided about a misdirected request: one function for each policy. `cookie`: our Set-Cookie for
 * an answer that is made here.
 */
export interface Policies {
  forward(raw: Raw, peer: Peer, hop: string, cookie: OurCookie): Promise<Passed>
  replay(raw: Raw, peer: Pick<Peer, 'id'>, cookie: OurCookie): void
  reject(raw: Raw, status: number, cookie: OurCookie): void
  /** Ends idle connections to peers. */
  close(): void
}
