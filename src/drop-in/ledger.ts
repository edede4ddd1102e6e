import type { Entries } from '../ports/store.ts'
import type { TextEdit } from '../ports/texts.ts'
import type { Settle } from './conflict.ts'
import { areSameLooks } from './cookie.ts'
import { lifetimeOf } from './cookie-options.ts'
import { changedKeys } from './picture.ts'

/** How a session is now: the text of each key, and what its cookie has of its own (`ownLooks`). */
export interface Now {
  readonly picture: Entries
  readonly looks: string | undefined
}

/** What a save goes through: the keys that it is about, and where the later of two requests has won. */
export interface Draft {
  readonly now: Now
  readonly keys: readonly string[]
  readonly clashes: Set<string>
  /** The session has a new id, and what it held under the old one is not to go along. */
  readonly anew: boolean
}

/**
 * What the application has seen of its session, and what the store holds: the same, but for what a merge has added
 * behind the application's back.
 */
export class Ledger {
  readonly #settle: Settle
  /** Under which the looks are stored. */
  readonly #looksKey: string
  #seen: Now = { picture: new Map(), looks: undefined }
  #stored = new Map<string, string | undefined>()
  #storedLooks: string | undefined

  constructor(settle: Settle, looksKey: string) {
    this.#settle = settle
    this.#looksKey = looksKey
  }

  /** What its cookie had of its own. */
  get looks(): string | undefined {
    return this.#seen.looks
  }

  /** A session that begins: nothing is stored, and its cookie may have looks of its own already. */
  begin(looks: string | undefined): void {
    this.#seen = { picture: new Map(), looks }
    this.#stored = new Map()
    this.#storedLooks = undefined
  }

  /** The store holds these, and the application sees so much of it. */
  read(entries: Entries, picture: Entries): void {
    this.#seen = { picture, looks: entries.get(this.#looksKey) }
    this.#stored = new Map(entries)
    this.#storedLooks = entries.get(this.#looksKey)
  }

  hasChanged(picture: Entries): boolean {
    return changedKeys(this.#seen.picture, picture).length > 0
  }

  draft(now: Now, anew: boolean): Draft {
    return { now, keys: changedKeys(this.#seen.picture, now.picture), clashes: new Set(), anew }
  }

  /** What is to be written, over what the store is known to hold. Undefined: nothing. */
  edit({ now, keys, clashes, anew }: Draft): TextEdit | undefined {
    const set = new Map<string, string>()
    const gone: string[] = []
    const expect = new Map<string, string | undefined>()
    clashes.clear()
    for (const key of keys) {
      const [base, mine, theirs] = [this.#seen.picture.get(key), now.picture.get(key), this.#stored.get(key)]
      const { text, clashes: at } =
        base === theirs ? { text: mine, clashes: [] } : this.#settle(key, base, mine, theirs)
      for (const path of at) clashes.add(path)
      if (text === theirs) continue
      if (text === undefined) gone.push(key)
      else set.set(key, text)
      if (!anew) expect.set(key, theirs)
    }
    const hasLooks = areSameLooks(now.looks, this.#storedLooks)
    if (!hasLooks && now.looks !== undefined) set.set(this.#looksKey, now.looks)
    if (!hasLooks && now.looks === undefined && !anew) gone.push(this.#looksKey)
    if (set.size === 0 && gone.length === 0 && !anew) return undefined
    const lifetime = hasLooks ? undefined : lifetimeOf(now.looks)
    return { set, delete: gone, expect: expect.size > 0 ? expect : undefined, lifetime, anew }
  }

  /** Others were quicker. Returns one of the keys that it was about. */
  found(others: ReadonlyMap<string, string | undefined>, { expect }: TextEdit): string | undefined {
    const contested = [...others].find(([key, text]) => expect?.has(key) && text !== this.#stored.get(key))
    for (const [key, text] of others) this.#stored.set(key, text)
    return contested?.[0]
  }

  /** It is written; `edit` undefined: there was nothing to write. */
  done({ now }: Draft, edit: TextEdit | undefined): void {
    for (const [key, text] of edit?.set ?? []) this.#stored.set(key, text)
    for (const key of edit?.delete ?? []) this.#stored.delete(key)
    this.#seen = now
    this.#storedLooks = now.looks
  }
}
