import { StoreError } from '../../core/errors.ts'
import { MARK_TTL } from '../../core/lifetime.ts'
import type { Entries, MoveHow } from '../../ports/store.ts'
import { NO_ENTRIES } from '../process/session-cache.ts'
import type { Meeting, RequestState } from './state.ts'

/** Who has to hear of it when the store turns out to have lost something. */
interface LossListener {
  noticeLoss(seen: number, lost: number): void
}

/** How a move of this request's session is to be done. */
export function moveHow(state: RequestState, seen: number, set: Entries = NO_ENTRIES): MoveHow {
  const { config, store } = state.services
  const { age, ttl, tombstoneTtl } = state
  return {
    seen,
    ttl,
    tombstoneTtl,
    markTtl: MARK_TTL,
    age,
    within: store.timeout,
    set,
    maxBytes: config.maxSessionBytes,
    createdAt: state.createdAtIfLimited,
  }
}

/**
 * The token may say that the session was to move to its id, and that nobody knows whether it did. The same move is sent
 * again: the store does it, or answers with what it has done. `anew` also where nothing was pending.
 */
export async function settlePendingMove(state: RequestState, losses: LossListener): Promise<Meeting> {
  const { pendingFrom, version: seen, id } = state.token
  if (pendingFrom === undefined) return 'anew'
  const { services } = state
  const { clock, log, cache, steady, store } = services
  // As of the moment when the token was signed: whoever wanted the move had begun by then, and no later than a request
  // that comes with a stolen id.
  const how = { ...moveHow(state, seen), age: Math.max(0, clock.now() - (state.token.issuedAt || clock.now())) }
  const result = await store.call('move', (port) => port.move(pendingFrom, id, how))
  if (result.kind === 'too-large')
    throw new StoreError('a move without values was too large', { applied: false, outage: false })
  // Another call of this request was quicker.
  if (state.token.pendingFrom !== pendingFrom) return state.life === 'active' ? 'anew' : 'over'
  if (result.kind === 'tombstone') return state.meets(id, result)
  log.markEnded(pendingFrom, 'moved', steady())
  cache.drop(pendingFrom)
  losses.noticeLoss(seen, result.behind)
  state.settled(result.version, result.lifetime)
  if (result.label !== undefined) services.labels.used(result.label, id, state.stay)
  return 'anew'
}
