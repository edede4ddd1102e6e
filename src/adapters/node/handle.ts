import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Exchange, Handle } from '../../ports/exchange.ts'
import { type AttachableServer, createAttachments } from './attach.ts'
import { openPeerSocket } from './peer-socket.ts'
import { responseClass } from './response-class.ts'
import type { Visits } from './visits.ts'

/** What every middleware for Node is beside a function. */
export interface NodeHandle extends Handle {
  /**
   * Sees each request and upgrade of this server before any framework does: every response carries the cookie, also
   * those in front of `app.use()` and of other libraries, and nothing that middleware does to headers comes after
   * limpet. At any time, for any number of servers.
   *
   *     const limpet = sticky()
   *     app.use(limpet)
   *     limpet.attach(app.listen(3000))
   */
  attach(server: AttachableServer): void
  /**
   * For responses that Node makes itself (400 without a Host, 417, 503), before any listener: `http.createServer({
   * ServerResponse: limpet.ServerResponse }, app)`; https takes it as well.
   */
  readonly ServerResponse: typeof ServerResponse
}

export function createNodeHandle(visits: Visits, { reachable }: Exchange, handle: Handle): NodeHandle {
  const attachments = createAttachments(
    visits,
    reachable && ((server) => openPeerSocket(server, randomBytes(6).toString('hex'), reachable)),
  )
  return {
    ...handle,
    attach: attachments.attach,
    ServerResponse: responseClass(visits),
    close() {
      attachments.end()
      return handle.close()
    },
  }
}
