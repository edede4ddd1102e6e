import { LRUCache } from 'lru-cache'
import { answers, type LostVersions } from '../../core/losses.ts'
import type { Entries } from '../../ports/store.ts'
import { boundedMap } from './bounded.ts'

export const NO_ENTRIES: Entries = new Map()

/**
 * One session's data as this backend last saw it. Texts, not values: nobody can change what another request will read.
 */
export interface Copy {
  /** 0: nothing is stored. */
  readonly version: number
  readonly entries: Entries
  /** Who has seen one of these versions has to hear from the store that they are lost. */
  readonly lost: LostVersions | undefined
  /** The session's own, in milliseconds: who learns of this version learns of it. */
  readonly lifetime: number | undefined
  /** Milliseconds of the steady clock, when the store said so. */
  readonly at: number
  /** Copies of an earlier generation have to be confirmed by the store. */
  readonly generation: number
}

/** A session's data at one version. */
export interface State extends Pick<Copy, 'version' | 'entries'> {
  readonly lost?: LostVersions | undefined
  readonly lifetime?: number | undefined
}

export interface CacheLimits {
  /** How many copies of data, and how many bytes of heap they may take. */
  readonly max: number
  readonly maxBytes: number
  /** How many sessions are remembered to have stored nothing. They push out no data, however many there are. */
  readonly maxAbsent: number
  /** Milliseconds after which a copy is asked for again, whatever happened. */
  readonly maxAge: number
}

export const CACHE_LIMITS: CacheLimits = {
  max: 100_000,
  maxBytes: 64 * 1024 * 1024,
  maxAbsent: 20_000,
  maxAge: 10_000,
}

/** One way in which a store tells of changes. */
interface Trust {
  isUp: boolean
}

/**
 * Local copies of session data. They are current only while all channels through which the store tells of changes are
 * up (`live`); when one is not, copies are kept for the moment when the store fails, but none is current until the
 * store has confirmed it.
 */
export class SessionCache {
  readonly #copies: LRUCache<string, Copy>
  readonly #absent
  readonly #max: number
  readonly #maxAge: number
  readonly #channels = new Set<Trust>()
  #live = false
  #generation = 0

  constructor(limits: CacheLimits) {
    this.#max = limits.max
    this.#maxAge = limits.maxAge
    this.#copies = new LRUCache<string, Copy>({ maxSize: limits.maxBytes, sizeCalculation: heapBytes })
    this.#absent = boundedMap<Copy>(limits.maxAbsent)
  }

  /** Rises whenever trust in the copies starts or ends. */
  get generation(): number {
    return this.#generation
  }

  get live(): boolean {
    return this.#live
  }

  /**
   * A channel through which changes come, down at first. `set(false)` while it is down already still means: something
   * was missed.
   */
  openChannel(): (isUp: boolean) => void {
    const trust: Trust = { isUp: false }
    this.#channels.add(trust)
    this.#live = false
    return (isUp) => {
      trust.isUp = isUp
      this.#live = this.#channels.size > 0 && [...this.#channels].every((channel) => channel.isUp)
      this.#generation++
    }
  }

  closeChannels(): void {
    this.#channels.clear()
    this.#live = false
    this.#generation++
  }

  /** A copy that may answer without asking the store: as new as the token, told of changes, not old. */
  current(id: string, version: number, now: number): Copy | undefined {
    if (!this.#live) return undefined
    // Without a note that it was used: what is in use is kept anew every ten seconds.
    const copy = this.#copies.peek(id) ?? (version === 0 ? this.#absent.peek(id) : undefined)
    if (!copy || !answers(copy, version) || copy.generation !== this.#generation) return undefined
    const age = now - copy.at
    return age >= 0 && age < this.#maxAge ? copy : undefined
  }

  /** A copy for when the store fails: as new as the token, but perhaps no longer the newest. */
  lastKnown(id: string, version: number): Copy | undefined {
    const copy = this.#copies.get(id) ?? (version === 0 ? this.#absent.get(id) : undefined)
    return copy && answers(copy, version) ? copy : undefined
  }

  /** `at` and `generation`: those at the time when the store was asked. */
  keep(
    id: string,
    { version, entries, lost, lifetime }: State,
    { at, generation }: Pick<Copy, 'at' | 'generation'>,
  ): Copy {
    const copy = { version, entries, lost, lifetime, at, generation }
    if (version === 0) {
      this.#copies.delete(id)
      this.#absent.set(id, copy)
      return copy
    }
    this.#absent.delete(id)
    this.#copies.set(id, copy)
    if (this.#copies.size > this.#max) this.#copies.pop()
    return copy
  }

  drop(id: string): void {
    this.#copies.delete(id)
    this.#absent.delete(id)
  }
}

/** Bytes of heap: what a copy costs beside its entries (a Map, the object around it, the cache's slots) ... */
const PER_COPY = 500
/** ... and an entry beside its characters: two strings, and the Map's slot. */
const PER_ENTRY = 120

/** What a copy takes of the heap; `npm run bench:memory` compares it with what is measured. */
function heapBytes({ entries }: Copy): number {
  let sum = PER_COPY
  for (const [key, text] of entries) sum += PER_ENTRY + stringBytes(key) + stringBytes(text)
  return sum
}

/** A string is stored with one byte for each character, or with two as soon as one of them needs two. */
function stringBytes(text: string): number {
  return NARROW.test(text) ? text.length : text.length * 2
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all characters of Latin-1, whatever they mean
const NARROW = /^[\x00-\xff]*$/
