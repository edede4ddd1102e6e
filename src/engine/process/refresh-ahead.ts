import type { ReadResult, Store } from '../../ports/store.ts'
import type { Background } from './background.ts'
import type { ChangeLog } from './change-log.ts'
import type { GuardedStore } from './guarded-store.ts'
import { CACHE_LIMITS, type Copy, NO_ENTRIES, type SessionCache } from './session-cache.ts'

/** Milliseconds after which a copy that is still in use is read again. */
const REFRESH_AFTER = CACHE_LIMITS.maxAge * 0.8

export interface RefreshParts {
  readonly store: GuardedStore
  readonly cache: SessionCache
  readonly log: ChangeLog
  readonly background: Background
  readonly steady: () => number
}

/** Copies that are used all the time are read again before they are too old, so that no request waits for it. */
export class RefreshAhead {
  readonly #parts: RefreshParts
  readonly #underWay = new Set<string>()

  constructor(parts: RefreshParts) {
    this.#parts = parts
  }

  /** This copy has just answered. */
  used(id: string, copy: Copy, now: number): void {
    if (now - copy.at < REFRESH_AFTER || this.#underWay.has(id)) return
    this.#underWay.add(id)
    this.#parts.background.run(this.#refresh(id, copy).finally(() => this.#underWay.delete(id)))
  }

  async #refresh(id: string, { version }: Copy): Promise<void> {
    const { cache, log, steady, store } = this.#parts
    const when = { order: log.order, generation: cache.generation, at: steady() }
    // As somebody who has seen nothing: whoever has seen what is lost hears of it when they ask themselves.
    const how = { seen: 0, touch: undefined, ttl: 1000, within: store.timeout }
    const result: ReadResult = await store.call('read', (port: Store) => port.read(id, how))
    if (result.kind === 'tombstone') {
      log.markEnded(id, result.end, steady() - result.age)
      cache.drop(id)
    }
    if (log.changedAfter(id, when.order) || cache.generation !== when.generation) return
    if (result.kind === 'found' && result.version >= version) cache.keep(id, result, when)
    else if (result.kind === 'absent' && version === 0) cache.keep(id, { version: 0, entries: NO_ENTRIES }, when)
    else cache.drop(id)
  }
}
