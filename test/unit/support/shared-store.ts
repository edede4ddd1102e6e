import type { StoreOperation } from '../../../src/ports/events.ts'
import type { Channel, Watcher } from '../../../src/ports/invalidation.ts'
import type { Store } from '../../../src/ports/store.ts'

/** A store behind all backends of a test: counts what it is asked, and tells each backend what the others change. */
export interface SharedStore {
  readonly calls: Readonly<Record<StoreOperation, number>>
  readonly total: number
  /** Who watches. A test may tell them what it likes. */
  readonly channels: ReadonlySet<Channel>
  /** While true, changes are told to nobody: the news is still on its way. */
  deaf: boolean
  /** The store as one backend sees it. */
  connect(): Store
}

export interface SharedStoreOptions {
  /** False: behaves as a store in another process, so that local copies are worth keeping. */
  readonly local: boolean
  /** Tells of changes. */
  readonly tells: boolean
  /** The store's own clock, by which all backends judge; undefined: it has none. */
  readonly now?: (() => number | undefined) | undefined
}

export function sharedStore(inner: Store, { local, tells, now }: SharedStoreOptions): SharedStore {
  const calls = { read: 0, write: 0, destroy: 0, move: 0, touch: 0, label: 0, labelled: 0 }
  const channels = new Set<Channel>()

  const connect = (): Store => {
    let mine: Channel | undefined
    const tell = (about: (channel: Channel) => void) => {
      if (!shared.deaf) for (const channel of channels) if (channel !== mine) about(channel)
    }
    const counted = <A extends unknown[], R>(operation: StoreOperation, run: (...args: A) => R) => {
      return (...args: A): R => {
        calls[operation]++
        return run(...args)
      }
    }
    /** The same, and the others hear of it when it has happened. */
    const changing = <A extends unknown[], R extends { readonly kind: string }>(
      operation: StoreOperation,
      run: (id: string, ...args: A) => Promise<R>,
      about: (channel: Channel, id: string) => void,
    ) => {
      return counted(operation, async (id: string, ...args: A): Promise<R> => {
        const result = await run(id, ...args)
        if (result.kind !== 'other-label') tell((channel) => about(channel, id))
        return result
      })
    }
    const watch = (watcher: Watcher) => {
      const channel = watcher.channel()
      mine = channel
      channels.add(channel)
      return () => void channels.delete(channel)
    }
    return {
      local,
      read: counted('read', inner.read),
      write: changing('write', inner.write, (channel, id) => channel.changed(id)),
      destroy: changing('destroy', inner.destroy, (channel, id) => channel.ended(id, 'destroyed')),
      move: changing('move', inner.move, (channel, id) => channel.ended(id, 'moved')),
      touch: counted('touch', inner.touch),
      ...(inner.labels && {
        labels: {
          add: counted('label', inner.labels.add),
          list: counted('labelled', inner.labels.list),
          remove: counted('label', inner.labels.remove),
        },
      }),
      ...(tells ? { watch } : {}),
      ...(now ? { now } : {}),
    }
  }

  const shared = {
    calls,
    channels,
    deaf: false,
    get total() {
      return Object.values(calls).reduce((sum, count) => sum + count, 0)
    },
    connect,
  }
  return shared
}
