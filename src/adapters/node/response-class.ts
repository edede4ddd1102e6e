import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Visits } from './visits.ts'
import { addCookieLast } from './write-head.ts'

/** The class of responses for a server whose every response, Node's own too, is to carry the cookie. */
export function responseClass(visits: Visits): typeof ServerResponse {
  return class StickyServerResponse<Request extends IncomingMessage> extends ServerResponse<Request> {
    // Node passes options after the request.
    constructor(...args: ConstructorParameters<typeof ServerResponse<Request>>) {
      super(...args)
      visits.take(args[0], this, addCookieLast)
    }
  }
}
