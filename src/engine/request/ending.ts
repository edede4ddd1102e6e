import { isStoreError, StoreError } from '../../core/errors.ts'
import type { DestroyHow, DestroyResult, Store } from '../../ports/store.ts'
import type { GuardedStore } from '../process/guarded-store.ts'
import type { Services } from '../services.ts'

/**
 * Destroys a session. Whatever becomes of that, this backend serves nothing of it any more; and when the store could
 * not be told, it is told again. `more` is added to the failure's text.
 */
export async function endSession(
  { cache, ends, log, steady, store }: Services,
  id: string,
  how: DestroyHow,
  more: string,
): Promise<DestroyResult> {
  const sentAt = steady()
  const leave = (one: string) => {
    log.markEnded(one, 'destroyed', steady())
    cache.drop(one)
  }
  const tell = async (guarded: GuardedStore) => {
    const age = how.age + steady() - sentAt
    const result = await guarded.call('destroy', (port: Store) => port.destroy(id, { ...how, age }))
    if (result.kind === 'destroyed') for (const successor of result.successors ?? []) leave(successor)
    return result
  }
  // Whether it is ended at all, only the store can say.
  if (how.onlyLabel === undefined) leave(id)
  try {
    const result = await tell(store)
    if (result.kind === 'destroyed') leave(id)
    if (result.kind !== 'other-label') ends.confirmed(id, tell)
    return result
  } catch (error) {
    if (how.onlyLabel === undefined || (isStoreError(error) && error.applied === 'unknown')) ends.missed(id, tell)
    throw isStoreError(error) ? notTold(error, more) : error
  }
}

/** What is added to the failure of the store. */
function notTold({ message, applied, outage, cause }: StoreError, more: string): StoreError {
  return new StoreError(`${message}; ${more}`, { applied, outage, cause })
}
