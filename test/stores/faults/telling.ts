import type { Channel } from '../../../src/ports/invalidation.ts'
import type { Store } from '../../../src/ports/store.ts'
import type { Fault } from './fault.ts'

/** A store that tells something else than it should. */
const channelsAs =
  (change: (good: Channel) => Partial<Channel>) =>
  (good: Store): Partial<Store> => ({
    watch(watcher) {
      const channel = () => {
        const one = watcher.channel()
        const all: Channel = {
          changed: (id) => one.changed(id),
          ended: (id, end) => one.ended(id, end),
          up: () => one.up(),
          down: () => one.down(),
        }
        return { ...all, ...change(all) }
      }
      return good.watch?.({ ...watcher, channel }) ?? (() => undefined)
    },
  })

/** Sessions whose change was told. */
const once = new Set<string>()

export const telling: readonly Fault[] = [
  {
    name: 'tells nobody',
    caughtBy: /^watching: what another backend writes/,
    store: channelsAs(() => ({ changed: () => undefined })),
  },
  {
    name: 'tells of no ends',
    caughtBy: /^watching: the end of a session is told/,
    store: channelsAs(() => ({ ended: () => undefined })),
  },
  {
    name: 'takes every end for a change',
    caughtBy: /^watching: the end of a session is told/,
    store: channelsAs((good) => ({ ended: (id) => good.changed(id) })),
  },
  {
    name: 'tells the first change of a session alone',
    caughtBy: /^watching: a change is told to who has read since/,
    store: channelsAs((good) => ({
      changed(id) {
        if (!once.has(id)) good.changed(id)
        once.add(id)
      },
    })),
  },
  {
    name: 'tells no loss of everything',
    caughtBy: /^watching: a backend that watches hears when everything is lost/,
    store: channelsAs(() => ({ down: () => undefined })),
  },
  {
    name: 'never says up',
    caughtBy: /^watching: what another backend writes/,
    store: channelsAs(() => ({ up: () => undefined })),
  },
  {
    name: 'says that it watches and does not',
    caughtBy: /^setup: says of watch/,
    store: () => ({ watch: undefined }) as never,
  },
  {
    name: 'tells a backend what it did itself',
    caughtBy: /^watching: what a backend did itself/,
    store(good) {
      let told: ((id: string) => void) | undefined
      return {
        async write(id, how) {
          const result = await good.write(id, how)
          setImmediate(() => told?.(id))
          return result
        },
        watch(watcher) {
          const channel = () => {
            const one = watcher.channel()
            told = (id) => one.changed(id)
            return one
          }
          return good.watch?.({ ...watcher, channel }) ?? (() => undefined)
        },
      }
    },
  },
  {
    name: 'goes on telling',
    caughtBy: /^watching: whoever has stopped/,
    store: (good) => ({
      watch(watcher) {
        good.watch?.(watcher)
        return () => undefined
      },
    }),
  },
]
