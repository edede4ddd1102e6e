import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { addCookie, type CookieRules, type Leaving } from '../../core/response-head.ts'
import { applyHeaders } from './given-headers.ts'
import { misuseOfHead } from './made-up.ts'

export type NodeRequest = IncomingMessage | Http2ServerRequest
export type NodeResponse = ServerResponse | Http2ServerResponse

/** The part of both response classes that is used here. */
type Response = Pick<ServerResponse, 'headersSent' | 'getHeaderNames' | 'getHeader' | 'setHeader' | 'removeHeader'> & {
  writeHead(status: number, ...rest: unknown[]): unknown
}

/**
 * The one hook. Whatever writes a response (end, write, flushHeaders, pipe, a framework) ends in `writeHead`, so our
 * cookie is added there. Who wraps `writeHead` later speaks earlier: placed before all others, the hook has the last
 * word.
 */
export function addCookieLast(nodeResponse: NodeResponse, leaving: Leaving, rules: CookieRules): void {
  const response = nodeResponse as unknown as Response
  const { writeHead } = response
  // It was made up, and nobody will write its head.
  if (typeof writeHead !== 'function') return
  let written = false
  response.writeHead = function writeHeadWithCookie(status, ...rest) {
    // 1xx are not final. Impossible statuses and a second call throw in Node, before anything is changed. `headersSent`
    // is asked only then: it is a getter of Node's.
    if (!(status >= 200 && status < 1000) || (written && response.headersSent)) {
      return writeHead.call(response, status, ...rest)
    }
    const first = rest[0]
    const withReason = typeof first === 'string'
    const headers = withReason ? rest[1] : (rest[1] ?? first)
    try {
      if (headers != null) applyHeaders(response, headers)
      addCookie(response, leaving, rules)
    } catch (error) {
      throw misuseOfHead(response) ?? error
    }
    const returned = withReason ? writeHead.call(response, status, first) : writeHead.call(response, status)
    written = true
    return returned
  }
}
