import type { History } from '../history.ts'
import { violation } from './story.ts'
import type { Violation } from './verdict.ts'

/** Milliseconds before the fault in which all backends are known to have been well. */
const WELL = 150

/**
 * While a backend's own event loop stands still and Redis is well, nothing is to be blamed on Redis: whoever waits is answered late, and with
 * success. The fault begins when all backends are well, so what fails in it fails because of it.
 */
export function checkOutages({ ops, faults }: History): Violation[] {
  const lags = faults.filter(({ name }) => name === 'lag')
  const told = new Set<number>()
  return ops.flatMap((op) => {
    const lag = lags.find(({ start, end }) => start - WELL <= op.invoke && start < op.finish && op.finish <= end)
    // An answer that says so; a client that waited in vain for one proves nothing of Redis.
    if (!lag || op.outcome === 'ok' || op.refused || op.boot === undefined || told.has(lag.start)) return []
    told.add(lag.start)
    const why = `#${op.id} failed (${op.detail}) while backend ${lag.backend} stood still and Redis was well`
    return [violation('false-outage', why, [op])]
  })
}
