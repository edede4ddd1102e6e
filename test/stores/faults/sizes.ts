import type { Store } from '../../../src/ports/store.ts'
import type { Fault } from './fault.ts'

/** Bytes that were taken off too often. */
const surplus = new Map<string, number>()

export const sizes: readonly Fault[] = [
  {
    name: 'has no limit',
    caughtBy: /^sizes: a change that would make/,
    store: (good) => ({ write: (id, how) => good.write(id, { ...how, maxBytes: 1e12 }) }),
  },
  {
    name: 'refuses to let a session above its limit shrink',
    caughtBy: /^sizes: a session above its limit may shrink/,
    store: (good) => ({
      async write(id, how) {
        const result = await good.write(id, { ...how, maxBytes: Math.max(how.maxBytes, 0) })
        const bytes = result.kind === 'written' ? await sizeOf(good, id) : 0
        return bytes > how.maxBytes ? { kind: 'too-large', bytes } : result
      },
    }),
  },
  {
    name: 'counts characters',
    caughtBy: /^sizes: up to the last byte/,
    store: (good) => ({
      write: (id, how) =>
        good.write(id, { ...how, maxBytes: how.maxBytes + [...how.set].join('').replace(/[\0-\x7f]/g, '').length }),
    }),
  },
  {
    name: 'counts what was deleted once for each time that it is named',
    caughtBy: /^sizes: a key that is deleted twice/,
    store: (good) => ({
      write(id, how) {
        const more = (surplus.get(id) ?? 0) + 50 * (how.delete.length - new Set(how.delete).size)
        surplus.set(id, more)
        return good.write(id, { ...how, maxBytes: how.maxBytes + more })
      },
    }),
  },
]

async function sizeOf(store: Store, id: string): Promise<number> {
  const result = await store.read(id, { seen: 0, touch: undefined, ttl: 1000 })
  const entries = result.kind === 'found' ? [...result.entries] : []
  return Buffer.byteLength(entries.flat().join(''))
}
