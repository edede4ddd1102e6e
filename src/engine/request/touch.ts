import type { Services } from '../services.ts'

/** Renews the lifetime of a session's stored data, off the requests' path. `ttl`: milliseconds. */
export async function touch({ cache, log, steady, store, touches }: Services, id: string, ttl: number): Promise<void> {
  const result = await store.call('touch', (port) => port.touch(id, ttl))
  if (result.kind === 'touched') touches.done(id)
  if (result.kind !== 'tombstone') return
  log.markEnded(id, result.end, steady() - result.age)
  cache.drop(id)
}
