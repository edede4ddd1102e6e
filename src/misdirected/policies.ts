import type { Hop, Policies } from '../ports/misdirected.ts'
import { forwardHttp } from './forward-http.ts'
import { forwardUpgrade } from './forward-upgrade.ts'
import { createPeerConnections } from './peer-address.ts'
import { reject } from './reject.ts'
import { replay } from './replay.ts'

/** What can be done with a misdirected request, beside serving it. `hop`: what passes requests on where it can. */
export function createPolicies(hop: Hop | undefined): Policies {
  const connections = createPeerConnections()
  return {
    // An async function, so that what cannot be sent rejects.
    forward: async (raw, peer, passing) => {
      if (raw.kind === 'upgrade') return forwardUpgrade(connections, raw, peer, passing)
      if (hop?.takes(raw)) return hop.forward(raw, peer, passing)
      return forwardHttp(connections, raw, peer, passing)
    },
    replay,
    reject,
    close() {
      connections.close()
      hop?.close()
    },
  }
}
