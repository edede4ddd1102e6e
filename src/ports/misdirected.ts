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
  /** Comes when the backend is found to be gone. */
  readonly gone: End
}

export interface End {
  readonly hasCome: boolean
  /** Returns the function that takes the listener off again. */
  whenCome(listener: () => void): () => void
}

/** What goes along with a request that is passed on. */
export interface Passing {
  /** The value of the header that tells the owner whence the request comes. */
  readonly hop: string
  /** Fields of tracing, in small letters, in the place of those that came. */
  readonly trace: Readonly<Record<string, string>>
  /** An entry for `Server-Timing`, asked for when the owner's head is there; undefined: nobody wants it. */
  readonly timing: (() => string) | undefined
}

type RawRequest = Raw & { readonly kind: 'request' }

/** Another way to pass a request on than by `node:http`. */
export interface Hop {
  /** Can it do that? What it cannot goes by `node:http`. */
  takes(raw: RawRequest): boolean
  forward(raw: RawRequest, peer: Peer, passing: Passing): Promise<Passed>
  /** Ends idle connections. */
  close(): void
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
 * an answer that is made here, before anything was sent.
 */
export interface Policies {
  forward(raw: Raw, peer: Peer, passing: Passing): Promise<Passed>
  replay(raw: Raw, peer: Pick<Peer, 'id'>, cookie: OurCookie): void
  reject(raw: Raw, status: number, cookie: OurCookie): void
  /** Ends idle connections to peers. */
  close(): void
}

/** A request that is about to be passed on. */
export interface HopBegun {
  /** The id of its owner. */
  readonly to: string
  readonly method: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** The same for who follows it, and may add to it before it leaves. */
export interface FollowedHop extends HopBegun {
  /** Fields of tracing, in small letters, which take the place of those that came. */
  readonly fields: Record<string, string>
  readonly onEnd: ((passed: Passed) => void)[]
}

/** Undefined: nobody follows. */
export type FollowHop = (hop: HopBegun) => FollowedHop | undefined
