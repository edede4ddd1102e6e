import type { Events } from '../ports/events.ts'
import type { Settle } from './conflict.ts'
import type { Cookie } from './cookie.ts'

/** What all requests of one session() have in common. */
export interface Rules {
  readonly settle: Settle
  readonly emit: Events['emit']
  /** `unset: 'destroy'`: a session that was taken off the request is logged out. */
  readonly unsetDestroys: boolean
  /** The cookie that is configured, for this request; a new one each time. `looks`: what this session's has instead. */
  usual(req: object, looks?: string): Cookie
  /** The cookie of a session that begins: the same, but where `cookie` is a function. */
  first(req: object): Cookie
}
