import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Passed, Passing, Peer } from '../ports/misdirected.ts'
import { fieldsFor, inPairs, urlOf, writeHead } from './heads.ts'
import { Passage, type RawRequest } from './passage.ts'
import { CONNECT_WITHIN, type PeerConnections } from './peer-address.ts'
import { unreadBodyOf } from './unread-body.ts'

/**
 * Sends the request to its owner, and the owner's answer to the client: once, as it comes, in both directions. Nothing
 * is sent before the connection stands; until then the request is whole, and can be served here.
 */
export function forwardHttp(
  connections: PeerConnections,
  raw: RawRequest,
  peer: Peer,
  passing: Passing,
): Promise<Passed> {
  const { request } = raw
  const body = unreadBodyOf(raw)
  return new Promise((resolve) => {
    const upstream = connections.open(peer.url, {
      method: request.method,
      path: urlOf(request),
      headers: fieldsFor(raw, body, passing) as never,
      setHost: false,
    })
    const passage = new HttpPassage(raw, passing, upstream, body !== 'none', (passed) => {
      stay()
      resolve(passed)
    })
    const stay = peer.gone.whenCome(() => passage.lost(504))
  })
}

class HttpPassage extends Passage {
  readonly #upstream: ClientRequest
  readonly #hasBody: boolean
  readonly #connecting: NodeJS.Timeout

  constructor(
    raw: RawRequest,
    passing: Passing,
    upstream: ClientRequest,
    hasBody: boolean,
    settle: (passed: Passed) => void,
  ) {
    super(raw, passing, (passed) => {
      clearTimeout(this.#connecting)
      settle(passed)
    })
    this.#upstream = upstream
    this.#hasBody = hasBody
    this.#connecting = setTimeout(() => upstream.destroy(new Error('no connection in time')), CONNECT_WITHIN)
    whenConnected(upstream, () => this.#send())
    upstream.on('continue', () => this.#continue())
    upstream.on('information', ({ statusCode, headers }) => this.inform(statusCode, headers))
    upstream.on('response', (answer) => this.#answered(answer))
    // An owner may answer before it has read the whole body, and close: then its answer counts, to its own end.
    upstream.on('error', () => this.status === undefined && this.failed())
  }

  protected breakOff(why: string): void {
    this.#upstream.destroy(new Error(why))
  }

  protected keepBody(): void {
    this.raw.request.unpipe(this.#upstream)
  }

  #send(): void {
    clearTimeout(this.#connecting)
    if (this.isOver) return
    this.isSent = true
    if (!this.#hasBody) this.#upstream.end()
    else if (this.raw.awaitsContinue) this.#upstream.flushHeaders()
    else this.#sendBody()
  }

  #continue(): void {
    if (!this.raw.awaitsContinue || this.isOver) return
    this.raw.response.writeContinue()
    this.#sendBody()
  }

  #sendBody(): void {
    const { request } = this.raw
    const upstream = this.#upstream
    request.on('end', () => {
      if (request.rawTrailers.length > 0) upstream.addTrailers(inPairs(request.rawTrailers))
    })
    request.pipe(upstream)
  }

  #answered(answer: IncomingMessage): void {
    if (this.isOver) return void answer.destroy()
    const { statusCode = 502, statusMessage, rawHeaders, headers } = answer
    this.status = statusCode
    const response = this.raw.response as ServerResponse
    const { timing } = this.passing
    writeHead(response, { statusCode, statusMessage, rawHeaders, connection: headers.connection }, timing)
    answer.on('end', () => {
      if (answer.rawTrailers.length > 0) response.addTrailers(inPairs(answer.rawTrailers) as never)
    })
    answer.on('error', () => this.lost(502))
    answer.on('close', () => {
      if (!answer.complete) this.lost(502)
    })
    answer.pipe(response)
  }
}

/** Nothing is written before: what stands in a socket's queue is lost, or not, with the socket. */
export function whenConnected(upstream: ClientRequest, then: () => void): void {
  upstream.once('socket', (socket) => {
    if (!socket.connecting) then()
    else socket.once('getPeerCertificate' in socket ? 'secureConnect' : 'connect', then)
  })
}
