import type { TouchResult } from '../../ports/store.ts'
import type { Stay } from '../process/labels.ts'
import type { Services } from '../services.ts'

/** Renews the lifetime of a session's stored data, and for how long its label leads to it. */
export async function touch(services: Services, id: string, stay: Stay): Promise<TouchResult> {
  const { cache, labels, log, steady, store, touches } = services
  const result = await store.call('touch', (port) => port.touch(id, stay.ttl))
  if (result.kind === 'touched') {
    touches.done(id)
    if (result.label !== undefined) labels.used(result.label, id, stay)
  }
  if (result.kind === 'tombstone') {
    log.markEnded(id, result.end, steady() - result.age)
    cache.drop(id)
  }
  return result
}

/** The same off the request's path. */
export function touchSoon(services: Services, id: string, stay: Stay): void {
  const { background, touches } = services
  background.run(touches.run(id, () => touch(services, id, stay)))
}
