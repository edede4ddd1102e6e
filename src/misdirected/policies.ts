import type { Policies } from '../ports/misdirected.ts'
import { forwardHttp } from './forward-http.ts'
import { forwardUpgrade } from './forward-upgrade.ts'
import { createPeerConnections } from './peer-address.ts'
import { reject } from './reject.ts'
import { replay } from './replay.ts'

/** What can be done with a misdirected request, beside serving it. */
export function createPolicies(): Policies {
  const connections = createPeerConnections()
  return {
    // An async function, so that what cannot be sent rejects.
    forward: async (raw, peer, hop, cookie) =>
      raw.kind === 'request'
        ? forwardHttp(connections, raw, peer, hop, cookie)
        : forwardUpgrade(connections, raw, peer, hop, cookie),
    replay,
    reject,
    close: () => connections.close(),
  }
}
