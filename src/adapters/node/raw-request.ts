import type { Raw } from '../../ports/misdirected.ts'
import type { NodeRequest, NodeResponse } from './write-head.ts'

/** `awaitsContinue`: the client waits for 100, and Node has left that to whoever listens for `checkContinue`. */
export function rawRequest(request: NodeRequest, response: NodeResponse, awaitsContinue = false): Raw {
  return { kind: 'request', request, response, awaitsContinue }
}
