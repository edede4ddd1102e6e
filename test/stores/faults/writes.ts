import type { Store } from '../../../src/ports/store.ts'
import { type Fault, tick } from './fault.ts'

export const writes: readonly Fault[] = [
  {
    name: 'makes a session when it is asked for one',
    caughtBy: /^entries: an unknown id is absent/,
    store: (good) => ({
      async touch(id, ttl) {
        const result = await good.touch(id, ttl)
        if (result.kind !== 'absent') return result
        await good.read(id, { seen: 1, touch: undefined, ttl })
        return { kind: 'touched' }
      },
    }),
  },
  {
    name: 'can only expect something of a session that exists',
    caughtBy: /^expectations: absent holds for a new session/,
    store: (good) => ({
      async write(id, how) {
        const { kind } = await good.read(id, { seen: 0, touch: undefined, ttl: 1000 })
        if (!how.expect || kind !== 'absent') return good.write(id, how)
        return { kind: 'conflict', found: new Map([...how.expect.keys()].map((key) => [key, undefined])) }
      },
    }),
  },
  {
    name: 'ignores what a write expects',
    caughtBy: /^expectations: .* stops/,
    store: (good) => ({ write: (id, how) => good.write(id, { ...how, expect: undefined }) }),
  },
  {
    name: 'looks at the first of several expectations',
    caughtBy: /^expectations: of several all must hold/,
    store: (good) => ({
      write: (id, how) => good.write(id, { ...how, expect: how.expect && new Map([...how.expect].slice(0, 1)) }),
    }),
  },
  {
    name: 'makes a session of a removal',
    caughtBy: /^entries: removing keys where nothing is stored/,
    store: (good) => ({
      async write(id, how) {
        const result = await good.write(id, how)
        if (result.kind !== 'written' || result.version > 0) return result
        await good.write(id, { ...how, set: new Map([['made', '1']]) })
        return good.write(id, { ...how, delete: ['made'] })
      },
    }),
  },
  {
    name: 'looks first and writes later',
    caughtBy: /^concurrency: fifty increments/,
    store: (good) => ({
      async write(id, how) {
        const { expect } = how
        const result = await good.read(id, { seen: 0, touch: undefined, ttl: 1000 })
        const entries = result.kind === 'found' ? result.entries : new Map<string, string>()
        const found = new Map([...(expect ?? [])].map(([key]) => [key, entries.get(key)]))
        if ([...found].some(([key, text]) => text !== expect?.get(key))) return { kind: 'conflict', found }
        await tick()
        return good.write(id, { ...how, expect: undefined })
      },
    }),
  },
  {
    name: 'does not say what stands in the way',
    caughtBy: /^expectations: a key that should be absent/,
    store: (good) => ({
      async write(id, how) {
        const result = await good.write(id, how)
        if (result.kind !== 'conflict') return result
        return { kind: 'conflict', found: new Map([...result.found.keys()].map((key) => [key, undefined])) }
      },
    }),
  },
  {
    name: 'writes one key after the other',
    caughtBy: /^concurrency: a reader sees each change whole/,
    store: (good) => ({
      async write(id, how) {
        const [first, ...rest] = how.set
        if (!first || rest.length === 0 || how.expect) return good.write(id, how)
        await good.write(id, { ...how, set: new Map([first]), delete: [] })
        await tick()
        return good.write(id, { ...how, set: new Map(rest) })
      },
    }),
  },
  {
    name: 'deletes before it looks',
    caughtBy: /^expectations: a stopped write does nothing/,
    store: (good) => ({
      async write(id, how) {
        if (how.delete.length > 0) await good.write(id, { ...how, set: new Map(), expect: undefined })
        return good.write(id, { ...how, delete: [] })
      },
    }),
  },
  {
    name: 'saves the whole session that it read before',
    caughtBy: /^concurrency: writes to different keys/,
    store: (good) => ({
      async write(id, how) {
        if (how.expect || how.seen > 0) return good.write(id, how)
        const before = await good.read(id, { seen: 0, touch: undefined, ttl: 1000 })
        await tick()
        const entries = before.kind === 'found' ? before.entries : new Map<string, string>()
        return good.write(id, { ...how, set: new Map([...entries, ...how.set]), delete: [...how.delete, 'last'] })
      },
    }),
  },
  {
    name: 'answers before it has written',
    caughtBy: /both backends can read it at once/,
    store: (good) => ({
      async write(id, how) {
        if (how.expect || how.within <= 0) return good.write(id, how)
        setTimeout(() => void good.write(id, how).catch(() => undefined), 1)
        return { kind: 'written', version: how.seen + 1, behind: 0 }
      },
    }),
  },
  {
    name: 'keeps what it once read',
    caughtBy: /^entries: /,
    store(good) {
      const kept = new Map<string, ReturnType<Store['read']>>()
      return {
        read(id, how) {
          const before = kept.get(id) ?? good.read(id, how)
          kept.set(id, before)
          return before
        },
      }
    },
  },
]
