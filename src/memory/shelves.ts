import { LRUCache } from 'lru-cache'
import { type Claim, type End, type Entries, type Lost, MOVE_WINDOW, type Tagged } from '../ports/store.ts'

/** A claim that somebody has left, and when it ends. */
export type Held = Pick<Claim, 'key' | 'by'> & { readonly until: number }

export interface Data {
  readonly kind: 'data'
  readonly version: number
  readonly bytes: number
  readonly entries: Entries
  readonly lost?: Lost | undefined
  readonly tags: Tags
  readonly claims: readonly Held[]
  /**
   * For a moment after a move: when it was, and from which id, so that a logout finds what else that session went on
   * as.
   */
  readonly from?: { readonly at: number; readonly id: string } | undefined
}

/** `longest`: the longest lifetime that it had, if that was longer than it is. */
export interface Tags extends Tagged {
  readonly longest?: number | undefined
}

export interface Ended {
  readonly kind: 'ended'
  readonly end: End
  readonly since: number
  /** The version that moved; 0: nothing was stored. */
  readonly version: number
  /** The ids under which it went on. */
  readonly successors: readonly string[]
  /** As in `Data`. */
  readonly from?: Data['from']
}

export const NO_DATA: Data = { kind: 'data', version: 0, bytes: 0, entries: new Map(), claims: [], tags: {} }

/** How many moved sessions are remembered as they were; it is for seconds only. */
const MOST_SNAPSHOTS = 1000

/**
 * What memoryStore keeps. Data, tombstones and the marks of sessions that never stored anything have a bound each, so
 * that no number of the one pushes out the other.
 */
export class Shelves {
  readonly #data: LRUCache<string, Data>
  readonly #tombstones: LRUCache<string, Ended>
  readonly #marks: LRUCache<string, Ended | Data>
  /** In the order of their moves, so the oldest is the first. */
  readonly #snapshots = new Map<string, { readonly data: Data; readonly until: number }>()
  readonly #now: () => number

  constructor(max: number, now: () => number) {
    // The cache takes a lifetime that began at 0 for none; clocks of tests begin there.
    const perf = { now: () => now() + 1 }
    const shelf = <Kept extends object>() => new LRUCache<string, Kept>({ max, perf, ttlResolution: 0, ttl: 1 })
    this.#now = now
    this.#data = shelf()
    this.#tombstones = shelf()
    this.#marks = shelf()
  }

  get(id: string): Data | Ended | undefined {
    return this.#data.get(id) ?? this.#tombstones.get(id) ?? this.#marks.get(id)
  }

  keep(id: string, data: Data, ttl: number): void {
    this.#data.set(id, data, { ttl: Math.max(1, ttl) })
  }

  /** Where a session comes from that has stored nothing yet. */
  keepOrigin(id: string, from: Data['from']): void {
    this.#marks.set(id, { ...NO_DATA, from }, { ttl: MOVE_WINDOW })
  }

  /** The same session at another moment, for as long as it would have lived anyway. */
  replace(id: string, data: Data): void {
    this.#data.set(id, data, { ttl: this.#data.getRemainingTTL(id) })
  }

  /** `isMark`: the session never stored anything. */
  bury(id: string, ended: Ended, isMark: boolean, ttl: number): void {
    this.#data.delete(id)
    const shelf = isMark ? this.#marks : this.#tombstones
    shelf.set(id, ended, { ttl: Math.max(1, ttl) })
  }

  addSuccessor(id: string, ended: Ended, successor: string): void {
    const shelf = this.#tombstones.has(id) ? this.#tombstones : this.#marks
    const more: Ended = { ...ended, successors: [...ended.successors, successor] }
    shelf.set(id, more, { ttl: Math.max(1, shelf.getRemainingTTL(id)) })
  }

  keepSnapshot(id: string, data: Data): void {
    for (const [old, { until }] of this.#snapshots) {
      if (until >= this.#now() && this.#snapshots.size < MOST_SNAPSHOTS) break
      this.#snapshots.delete(old)
    }
    this.#snapshots.set(id, { data, until: this.#now() + MOVE_WINDOW })
  }

  snapshot(id: string): Data | undefined {
    const kept = this.#snapshots.get(id)
    return kept && kept.until >= this.#now() ? kept.data : undefined
  }

  dropSnapshot(id: string): void {
    this.#snapshots.delete(id)
  }

  clear(): void {
    for (const shelf of [this.#data, this.#tombstones, this.#marks, this.#snapshots]) shelf.clear()
  }
}
