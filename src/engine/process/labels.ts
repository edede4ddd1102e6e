import { noLabels } from '../../core/label.ts'
import type { Labels, Store } from '../../ports/store.ts'
import type { Background } from './background.ts'
import { boundedMap } from './bounded.ts'
import type { GuardedStore } from './guarded-store.ts'

/** An index entry lives so much longer than the data: it is lengthened later, by whichever backend uses the session. */
const LONGER = 1.25
/** It is lengthened after this part of the session's idle timeout. */
const PART = 1 / 10

/** For how long a session is to be found: how long its data is stored, and its idle timeout. Milliseconds. */
export interface Stay {
  readonly ttl: number
  readonly idle: number
}

/**
 * Which sessions a label leads to. Of each session this backend remembers when it last lengthened that, never the
 * label: labels may name people.
 */
export class LabelIndex {
  readonly #store: GuardedStore
  readonly #background: Background
  readonly #now: () => number
  readonly #doneAt

  constructor(store: GuardedStore, background: Background, now: () => number, max: number) {
    this.#store = store
    this.#background = background
    this.#now = now
    this.#doneAt = boundedMap<number>(max)
  }

  /** Throws `ERR_LIMPET_LABEL` where the store has no labels. */
  check(): void {
    of(this.#store.store)
  }

  /** False: it was there already. */
  async add(label: string, id: string, { ttl }: Stay): Promise<boolean> {
    const { timeout: within } = this.#store
    const isNew = await this.#store.call('label', (port) =>
      of(port).add(label, id, { ttl: Math.ceil(ttl * LONGER), within }),
    )
    this.#doneAt.set(id, this.#now())
    return isNew
  }

  /** The data's lifetime was renewed. The label is to lead there for as long. */
  used(label: string, id: string, stay: Stay): void {
    const doneAt = this.#doneAt.get(id)
    if (doneAt !== undefined && this.#now() - doneAt < stay.idle * PART) return
    // Requests that come meanwhile need not do the same.
    this.#doneAt.set(id, this.#now())
    const added = this.add(label, id, stay).catch((error) => {
      this.#doneAt.delete(id)
      throw error
    })
    this.#background.run(added)
  }

  list(label: string): Promise<readonly string[]> {
    const { timeout: within } = this.#store
    return this.#store.call('labelled', (port) => of(port).list(label, { within }))
  }

  remove(label: string, ids: readonly string[]): Promise<void> {
    const { timeout: within } = this.#store
    return this.#store.call('label', (port) => of(port).remove(label, ids, { within }))
  }
}

function of({ labels }: Store): Labels {
  if (!labels) throw noLabels()
  return labels
}
