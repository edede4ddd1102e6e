import type { Fault } from './fault.ts'

export const telling: readonly Fault[] = [
  {
    name: 'tells nobody',
    caughtBy: /^watching: what another backend writes/,
    store: (good) => ({
      watch: (watcher) => good.watch?.({ ...watcher, changed: () => undefined }) ?? (() => undefined),
    }),
  },
  {
    name: 'never says up',
    caughtBy: /^watching: what another backend writes/,
    store: (good) => ({ watch: (watcher) => good.watch?.({ ...watcher, up: () => undefined }) ?? (() => undefined) }),
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
          told = (id) => watcher.changed(id)
          return good.watch?.(watcher) ?? (() => undefined)
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
