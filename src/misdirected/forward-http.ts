import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { LimpetError } from '../core/errors.ts'
import type { OurCookie, Passed, Peer, Raw } from '../ports/misdirected.ts'
import { answer } from './answers.ts'
import { fieldsFor, inPairs, urlOf, writeHead } from './heads.ts'
import { CONNECT_WITHIN, type PeerConnections } from './peer-address.ts'
import { bodyOf } from './peer-headers.ts'

type RawRequest = Raw & { readonly kind: 'request' }

/**
 * Sends the request to its owner, and the owner's answer to the client: once, as it comes, in both directions. Nothing
 * is sent before the connection stands; until then the request is whole, and can be served here.
 */
export function forwardHttp(
  connections: PeerConnections,
  raw: RawRequest,
  peer: Peer,
  hop: string,
  cookie: OurCookie,
): Promise<Passed> {
  const { request, response } = raw
  const body = bodyOf(request)
  if (body !== 'none' && request.readableDidRead) throw bodyIsGone()
  return new Promise((resolve) => {
    const upstream = connections.open(peer.url, {
      method: request.method,
      path: urlOf(request),
      headers: fieldsFor(raw, body, hop) as never,
      setHost: false,
    })
    const exchange = new Forwarding(raw, upstream, body !== 'none', cookie, (passed) => {
      peer.gone.removeEventListener('abort', gone)
      resolve(passed)
    })
    const gone = () => exchange.lost(504)
    peer.gone.addEventListener('abort', gone)
    response.once('close', () => exchange.left())
  })
}

/** One request under way. */
class Forwarding {
  readonly #raw: RawRequest
  readonly #upstream: ClientRequest
  readonly #hasBody: boolean
  readonly #cookie: OurCookie
  readonly #settle: (passed: Passed) => void
  readonly #connecting: NodeJS.Timeout
  #sent = false
  #answer: IncomingMessage | undefined
  #isOver = false

  constructor(
    raw: RawRequest,
    upstream: ClientRequest,
    hasBody: boolean,
    cookie: OurCookie,
    settle: (passed: Passed) => void,
  ) {
    this.#raw = raw
    this.#upstream = upstream
    this.#hasBody = hasBody
    this.#cookie = cookie
    this.#settle = settle
    this.#connecting = setTimeout(() => upstream.destroy(new Error('no connection in time')), CONNECT_WITHIN)
    whenConnected(upstream, () => this.#send())
    upstream.on('continue', () => this.#continue())
    upstream.on('information', (info) => this.#inform(info))
    upstream.on('response', (answer) => this.#answered(answer))
    upstream.on('error', () => this.#failed())
  }

  /**
   * The owner is gone, or has broken off. What was sent is not sent again, to nobody: the owner may have done what it
   * asked for.
   */
  lost(status: 502 | 504): void {
    if (this.#isOver) return
    if (!this.#sent) return void this.#upstream.destroy(new Error('the owner is gone'))
    if (this.#answer) this.#raw.response.destroy()
    else {
      this.#raw.request.unpipe(this.#upstream)
      const text = 'the backend that this request belongs to did not answer; it may have done what was asked\n'
      answer(this.#raw, status, text, {}, this.#cookie)
    }
    this.#over({ outcome: 'broken', status: this.#answer?.statusCode ?? status })
    this.#upstream.destroy()
  }

  /** The client has its answer, or has gone away. */
  left(): void {
    if (this.#isOver) return
    const done = this.#raw.response.writableFinished
    this.#over({ outcome: done ? 'answered' : 'aborted', status: this.#answer?.statusCode })
    if (!done) this.#upstream.destroy()
  }

  #failed(): void {
    // An owner may answer before it has read the whole body, and close: then its answer counts, to its own end.
    if (this.#answer) return
    if (this.#sent) this.lost(502)
    else this.#over({ outcome: 'unreachable' })
  }

  #send(): void {
    clearTimeout(this.#connecting)
    if (this.#isOver) return
    this.#sent = true
    if (!this.#hasBody) this.#upstream.end()
    else if (this.#raw.awaitsContinue) this.#upstream.flushHeaders()
    else this.#sendBody()
  }

  #continue(): void {
    if (!this.#raw.awaitsContinue || this.#isOver) return
    this.#raw.response.writeContinue()
    this.#sendBody()
  }

  #sendBody(): void {
    const { request } = this.#raw
    const upstream = this.#upstream
    request.on('end', () => {
      if (request.rawTrailers.length > 0) upstream.addTrailers(inPairs(request.rawTrailers))
    })
    request.pipe(upstream)
  }

  #inform({ statusCode, headers }: { statusCode: number; headers: Record<string, unknown> }): void {
    const response = this.#raw.response as ServerResponse
    if (this.#isOver || response.headersSent) return
    if (statusCode === 103 && headers.link !== undefined) response.writeEarlyHints(headers as { link: string })
    if (statusCode === 102) response.writeProcessing?.()
  }

  #answered(answer: IncomingMessage): void {
    if (this.#isOver) return void answer.destroy()
    this.#answer = answer
    const response = this.#raw.response as ServerResponse
    writeHead(response, answer)
    answer.on('end', () => {
      if (answer.rawTrailers.length > 0) response.addTrailers(inPairs(answer.rawTrailers) as never)
    })
    answer.on('error', () => this.lost(502))
    answer.on('close', () => {
      if (!answer.complete) this.lost(502)
    })
    answer.pipe(response)
  }

  #over(passed: Passed): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#connecting)
    this.#settle(passed)
  }
}

/** Nothing is written before: what stands in a socket's queue is lost, or not, with the socket. */
export function whenConnected(upstream: ClientRequest, then: () => void): void {
  upstream.once('socket', (socket) => {
    if (!socket.connecting) then()
    else socket.once('getPeerCertificate' in socket ? 'secureConnect' : 'connect', then)
  })
}

function bodyIsGone(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_BODY',
    'this request belongs to another backend, and cannot be forwarded, because something has read its body already: put sticky() in front of express.json() and ' +
      'other body parsers, or use limpet.attach(server), which comes before everything',
  )
}
