import type { StoreOperation } from '../../../src/ports/events.ts'
import type { Store, Watcher } from '../../../src/ports/store.ts'

/** A store behind all backends of a test: counts what it is asked, and tells each backend what the others change. */
export interface SharedStore {
  readonly calls: Readonly<Record<StoreOperation, number>>
  readonly total: number
  /** Who watches. A test may tell them what it likes. */
  readonly watchers: ReadonlySet<Watcher>
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
}

export function sharedStore(inner: Store, { local, tells }: SharedStoreOptions): SharedStore {
  const calls = { read: 0, write: 0, destroy: 0, move: 0, touch: 0 }
  const watchers = new Set<Watcher>()

  const connect = (): Store => {
    let mine: Watcher | undefined
    const tell = (about: (watcher: Watcher) => void) => {
      if (!shared.deaf) for (const watcher of watchers) if (watcher !== mine) about(watcher)
    }
    const counted = <A extends unknown[], R>(operation: StoreOperation, run: (...args: A) => R) => {
      return (...args: A): R => {
        calls[operation]++
        return run(...args)
      }
    }
    /** The same, and the others hear of it when it has happened. */
    const changing = <A extends unknown[], R>(
      operation: StoreOperation,
      run: (id: string, ...args: A) => Promise<R>,
      about: (watcher: Watcher, id: string) => void,
    ) => {
      return counted(operation, async (id: string, ...args: A): Promise<R> => {
        const result = await run(id, ...args)
        tell((watcher) => about(watcher, id))
        return result
      })
    }
    const watch = (watcher: Watcher) => {
      mine = watcher
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    }
    return {
      local,
      read: counted('read', inner.read),
      write: changing('write', inner.write, (watcher, id) => watcher.changed(id)),
      destroy: changing('destroy', inner.destroy, (watcher, id) => watcher.changed(id, 'destroyed')),
      move: changing('move', inner.move, (watcher, id) => watcher.changed(id, 'moved')),
      touch: changing('touch', inner.touch, (watcher, id) => watcher.renewed(id)),
      ...(tells ? { watch } : {}),
    }
  }

  const shared = {
    calls,
    watchers,
    deaf: false,
    get total() {
      return Object.values(calls).reduce((sum, count) => sum + count, 0)
    },
    connect,
  }
  return shared
}
