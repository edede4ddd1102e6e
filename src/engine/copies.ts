import { LRUCache } from 'lru-cache'
import { entryBytes } from '../core/values.ts'
import type { Entries, Lost } from '../ports/store.ts'

/** One session's data as this backend last saw it. Texts, not values: nobody can change what another request will read. */
export interface Copy {
  readonly version: number
  readonly entries: Entries
  /** Who has seen one of these versions has to hear from the store that they are lost. */
  readonly lost: Lost | undefined
  /** Milliseconds, when the store said so. */
  readonly at: number
  /** Copies of an earlier generation have to be confirmed by the store. */
  readonly generation: number
}

/** A session's data at one version. */
export interface State extends Pick<Copy, 'version' | 'entries'> {
  readonly lost?: Lost | undefined
}

export interface CopyLimits {
  readonly max: number
  readonly maxBytes: number
  /** Milliseconds after which a copy is asked for again, whatever happened. */
  readonly maxAge: number
}

export const COPY_LIMITS: CopyLimits = { max: 100_000, maxBytes: 64 * 1024 * 1024, maxAge: 10_000 }

/** What a copy costs in memory beside its bytes: a Map, its slots, the object around it. */
const OVERHEAD = 300

/**
 * Local copies of session data. They are current only while the store tells what changes (`live`); when it stops, all are kept, for
 * the moment when the store fails, but none is current until the store has confirmed it.
 */
export class Copies {
  readonly #copies: LRUCache<string, Copy>
  readonly #max: number
  readonly #maxAge: number
  #live = false
  #generation = 0

  constructor(limits: CopyLimits) {
    this.#max = limits.max
    this.#maxAge = limits.maxAge
    this.#copies = new LRUCache<string, Copy>({
      maxSize: limits.maxBytes,
      sizeCalculation: (copy) => bytes(copy.entries),
    })
  }

  /** Rises whenever trust in the copies starts or ends. */
  get generation(): number {
    return this.#generation
  }

  get live(): boolean {
    return this.#live
  }

  up(): void {
    this.#live = true
    this.#generation++
  }

  down(): void {
    this.#live = false
    this.#generation++
  }

  /** A copy that may answer without asking the store: as new as the token, told of changes, not old. */
  current(id: string, version: number, now: number): Copy | undefined {
    if (!this.#live) return undefined
    // Without a note that it was used: what is in use is kept anew every ten seconds.
    const copy = this.#copies.peek(id)
    if (!copy || !answers(copy, version) || copy.generation !== this.#generation) return undefined
    const age = now - copy.at
    return age >= 0 && age < this.#maxAge ? copy : undefined
  }

  /** A copy for when the store fails: as new as the token, but perhaps no longer the newest. */
  lastKnown(id: string, version: number): Copy | undefined {
    const copy = this.#copies.get(id)
    return copy && answers(copy, version) ? copy : undefined
  }

  /** `at` and `generation`: those at the time when the store was asked. */
  keep(id: string, { version, entries, lost }: State, { at, generation }: Pick<Copy, 'at' | 'generation'>): Copy {
    const copy = { version, entries, lost, at, generation }
    this.#copies.set(id, copy)
    if (this.#copies.size > this.#max) this.#copies.pop()
    return copy
  }

  drop(id: string): void {
    this.#copies.delete(id)
  }
}

/** Is it at least as new as what the client has seen, and was nothing lost of that? */
export function answers({ version, lost }: State, seen: number): boolean {
  return version >= seen && !(lost && seen > lost.above && seen <= lost.upTo)
}

function bytes(entries: Entries): number {
  let sum = OVERHEAD
  for (const [key, text] of entries) sum += entryBytes(key, text)
  return sum
}
