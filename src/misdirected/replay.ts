import type { Policies } from '../ports/misdirected.ts'
import { answer } from './answers.ts'

/**
 * Fly's proxy takes the request to the named machine, and back to this one when that cannot be reached; without such a
 * proxy the status says what is wrong. `backend.id` has to be the machine's id (FLY_MACHINE_ID).
 */
export const replay: Policies['replay'] = (raw, { id }, cookie) =>
  answer(
    raw,
    421,
    'this request belongs to another backend\n',
    { 'fly-replay': `instance=${id};timeout=5s;fallback=force_self` },
    cookie,
  )

/**
 * Has Fly's proxy replayed this request already, or tried to in vain? Who makes it up is served where the request has
 * landed.
 */
export function isReplayed(headers: Readonly<Record<string, unknown>>): boolean {
  return headers['fly-replay-src'] !== undefined || headers['fly-replay-failed'] !== undefined
}
