import { isSessionId } from '../../core/session-id.ts'
import type { Outside } from '../../ports/exchange.ts'
import type { Session } from '../../ports/sticky.ts'
import type { Services } from '../services.ts'
import { destroyAll, labelled } from './labelled.ts'
import { OutsideSession } from './outside-session.ts'
import { noId } from './refusals.ts'

/** Sessions without a request of theirs. */
export function createOutside(services: Services): Outside {
  return {
    session(id) {
      if (!isSessionId(id)) throw noId()
      return new OutsideSession(services, id) as unknown as Session
    },
    labelled: (label) => labelled(services, label),
    destroyAll: (label, options) => destroyAll(services, label, options),
  }
}
