import { LimpetError } from '../../core/errors.ts'
import { entryBytes } from '../../core/json.ts'
import type { Entries } from '../../ports/store.ts'

export function refuseTooLarge(set: Entries, most: number): void {
  let bytes = 0
  for (const [key, text] of set) bytes += entryBytes(key, text)
  if (bytes > most) throw tooLarge(bytes, most)
}

export function tooLarge(bytes: number, most: number): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_SIZE',
    `the session would hold ${bytes} bytes and may hold ${most} (maxSessionBytes): nothing was written. ` +
      'Keep large things elsewhere and their names in the session',
  )
}

export function destroyed(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_DESTROYED',
    'the session was destroyed (logout) or given a new id (regenerate) by another request while this one ran: nothing was written. ' +
      "Answer with 409 and let the client try again: its next request has the other one's cookie",
  )
}

export function expired(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_EXPIRED',
    'this request or socket has outlived its session (idleTimeout, absoluteTimeout): nothing was read or written. Close it; the client begins ' +
      'a new session when it comes back',
  )
}
