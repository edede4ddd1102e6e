import type { Registry } from './backends.ts'
import type { End, Watcher } from './invalidation.ts'

export type { Announced, Registry } from './backends.ts'
export type { Channel, End, Watcher } from './invalidation.ts'

/**
 * The port behind which session data lives. Memory and Redis are its first two drivers; `limpet/testing` has the suite
 * that a third must pass.
 *
 * A session is a version and a set of entries, key to JSON text. Every write raises the version by at least one.
 * Whoever calls says which version the client has seen (`seen`); a store that is older than that has lost acknowledged
 * writes, must say by how much (`behind`) and must go on well above `seen`, so that no version number ever names two
 * states of a session. The drivers here remember which versions were lost, and tell everybody who has seen one of them,
 * not only who asks first.
 *
 * What is left of a session that ended is a tombstone. Nothing can be written to it, no operation makes it younger, and
 * none shortens its life.
 *
 * Failures reject with `StoreError`. Everything else that can happen is a result with a word.
 */
export interface Store {
  /** True when the data is in this process: reading it costs nothing, so local copies would be waste. */
  readonly local?: boolean
  /**
   * Milliseconds since 1970 on the one clock that all backends of this store share; undefined: not measured yet. A
   * store without such a clock leaves this out, and each backend then judges times by its own.
   */
  now?(): number | undefined
  read(id: string, how: ReadHow): Promise<ReadResult>
  /**
   * Applies the change, all of it or nothing. The first write of a session makes version 1. Removing keys where nothing
   * is stored makes nothing.
   */
  write(id: string, change: Change): Promise<WriteResult>
  /**
   * Removes the data and leaves a tombstone; also where there was no data. Where the session had moved, whoever began
   * before the move (`age`), or comes within `MOVE_WINDOW` of it, ends also what it went on as, through further moves;
   * later nothing is ended that way. Within `MOVE_WINDOW` of a move, each id that came of it ends all the others, back
   * through earlier moves that were as recent.
   */
  destroy(id: string, how: DestroyHow): Promise<DestroyResult>
  /**
   * Gives all data of `from` to `to`, an id that nobody knows yet, applies `set`, and leaves a tombstone, in one step.
   * Where `from` is unknown, `to` begins with `set` alone. The same move a second time does nothing and answers with
   * what `to` holds.
   *
   * Where `from` has moved already: whoever began before that move (`age`) and has `seen` the version that moved takes
   * along what moved then, for `MOVE_WINDOW` after the move (the store keeps it for that long and shows it to nobody
   * else); `from` then has one more successor. Who comes within `MOVE_WINDOW` and may take nothing along can begin
   * (`begins`). The ids share their first two characters.
   */
  move(from: string, to: string, how: MoveHow): Promise<MoveResult>
  /** Renews the lifetime of the data. A tombstone is left as it is. */
  touch(id: string, ttl: number): Promise<TouchResult>
  /** Finds sessions by their labels. A store that cannot leaves this out. */
  readonly labels?: Labels
  /**
   * Starts to tell what other backends change. Returns the function that stops it. A store that cannot tell leaves this
   * out.
   */
  watch?(watcher: Watcher): () => void
  /** Where backends find each other, for `misdirected: 'forward'` and the like. A store without leaves this out. */
  readonly backends?: Registry
  /** Ends what the store itself started: timers, connections, subscriptions. */
  close?(): Promise<void>
}

/** Milliseconds after a move in which the old id's holder may not have the new cookie yet. */
export const MOVE_WINDOW = 10_000

/** Key to JSON text. */
export type Entries = ReadonlyMap<string, string>

export interface ReadHow {
  /** The newest version that the client has seen. */
  readonly seen: number
  /** Milliseconds to renew the lifetime to; undefined: leave it. */
  readonly touch: number | undefined
  /** Milliseconds that the data lives on when the store turns out to be behind. */
  readonly ttl: number
  /** Milliseconds that the caller waits for the answer. Default 1000. */
  readonly within?: number
}

/** What is kept with a session's data beside its entries, and handed on by a move. Undefined: as it is. */
export interface Tags {
  /** The idle timeout of this session alone, in milliseconds; 0: it has none of its own any more. */
  readonly lifetime?: number | undefined
  /** When the session began, in milliseconds since 1970. The first one that is given stays. */
  readonly createdAt?: number | undefined
  /** What the session is found by; null: nothing any more. Only given to stores that have `labels`. */
  readonly label?: string | null | undefined
}

/** The tags that a session has. */
export interface Tagged {
  readonly lifetime?: number | undefined
  readonly createdAt?: number | undefined
  readonly label?: string | undefined
}

export interface WriteHow {
  readonly seen: number
  /** Milliseconds until the store forgets the data. */
  readonly ttl: number
  /**
   * Milliseconds from now after which the write must not happen any more; at 0 or less it rejects, with `applied:
   * false`.
   */
  readonly within: number
}

/** How long what is left of an ended session stays, and since when its end was wanted. */
export interface EndHow extends WriteHow {
  /**
   * Milliseconds that the tombstone of a session with data stays. Where the data has, or had, a `lifetime`, it stays
   * for at least a quarter longer than the longest of them, and a minute: whoever ends a session may not know it.
   */
  readonly tombstoneTtl: number
  /** Milliseconds that the mark of a session stays that never stored anything: as long as a request may take. */
  readonly markTtl: number
  /** Milliseconds for which the request has been running: an end or a move that is younger has overtaken it. */
  readonly age: number
}

/** `ttl` is not used: no data remains. */
export interface DestroyHow extends EndHow {
  /** End only what has this label, or holds nothing. Only given to stores that have `labels`. */
  readonly onlyLabel?: string | undefined
  /** Leave this id alone, and what it went on as, whatever else is ended along. */
  readonly except?: string | undefined
}

export interface MoveHow extends EndHow, Tags {
  /** Written under the new id in the same step. */
  readonly set: Entries
  /** As in `Change`. */
  readonly maxBytes: number
  /**
   * For whoever comes within `MOVE_WINDOW` of a move and may not take along what moved: `to` begins with `set` alone,
   * at a version above `seen`, and lives for `ttl` milliseconds. It is one more successor of `from`, so that a logout
   * of one of them ends all. Where one of them was destroyed since, the answer is that one's tombstone. Undefined:
   * nothing begins that way, and the answer is the tombstone of `from`.
   */
  readonly begins?: ({ readonly ttl: number } & Tags) | undefined
}

export interface Change extends WriteHow, Tags {
  /**
   * The request came with the id, so that others may know it. Where nothing is stored, something may have been and be
   * lost: a store that can lose what it has acknowledged, and hand out the number of a lost version again, begins with a
   * number that nobody else has been given. Others may ignore it.
   */
  readonly known?: boolean | undefined
  /** Names other keys than `delete`. */
  readonly set: Entries
  readonly delete: readonly string[]
  /** True: all keys go, but for those that are set. */
  readonly clear?: boolean | undefined
  /** True: write only where something is stored. Else the answer is `absent`, and nothing is made. */
  readonly ifStored?: boolean | undefined
  /** Write only if each of these keys still has this text (undefined: is absent). */
  readonly expect: ReadonlyMap<string, string | undefined> | undefined
  /**
   * Refuse the write if the session would then hold more bytes of keys and JSON texts in UTF-8, unless it gets smaller
   * by it.
   */
  readonly maxBytes: number
  /** For writes that `expect`: who is next. A store may ignore it. */
  readonly claim?: Claim | undefined
}

/**
 * Makes compare-and-set fair. A write whose expectation fails leaves the claim, for `ms` milliseconds, if it is above 0
 * and nobody has one on that key; until then writes that expect something of the key are answered `claimed`, but for
 * those `by` the same. The claim ends with a write of its holder. It is advice: what expects nothing is not held up,
 * and the comparison stays the judge.
 */
export interface Claim {
  readonly key: string
  readonly by: string
  readonly ms: number
}

/** The session was destroyed, or moved to another id. */
export interface Tombstone {
  readonly kind: 'tombstone'
  /** Milliseconds since then. */
  readonly age: number
  /** `moved`: it goes on under another id, which nobody is told who knows only this one. */
  readonly end: End
}

/** Versions that were lost: those above the one and up to the other. */
export interface Lost {
  readonly above: number
  readonly upTo: number
}

export type ReadResult =
  | ({
      readonly kind: 'found'
      readonly version: number
      readonly behind: number
      readonly entries: Entries
      /** The newest loss of this session: a local copy does not answer who has seen what was lost. */
      readonly lost?: Lost | undefined
      /** False: the lifetime was to be renewed, and could not be (a server that only reads). */
      readonly touched?: boolean | undefined
    } & Tagged)
  /** Nothing stored, and `seen` was 0. */
  | { readonly kind: 'absent' }
  | Tombstone

export type WriteResult =
  /**
   * Version 0: there was nothing to remove, and nothing is stored. `begins`: nothing was stored before, and versions
   * below this one count as lost; undefined: unknown.
   */
  | ({
      readonly kind: 'written'
      readonly version: number
      readonly behind: number
      readonly begins?: boolean
    } & Tagged)
  /** What stands where the change expected something else: the texts of all keys that it spoke of. */
  | { readonly kind: 'conflict'; readonly found: ReadonlyMap<string, string | undefined> }
  /** Somebody else is next, for at most so many milliseconds; nothing was written. */
  | { readonly kind: 'claimed'; readonly ms: number }
  | { readonly kind: 'too-large'; readonly bytes: number }
  /** Nothing is stored, and the write was to be done only where something is. */
  | { readonly kind: 'absent' }
  | Tombstone

export type DestroyResult =
  /**
   * `successors`: the ids under which it had gone on, and which ended with it; whoever keeps copies drops these too.
   */
  | { readonly kind: 'destroyed'; readonly successors?: readonly string[] | undefined }
  /** It has another label than the one that was to be ended, or none, and lives on. */
  | { readonly kind: 'other-label' }
  | Tombstone

export type MoveResult =
  | ({
      readonly kind: 'moved'
      /** 0: there was nothing to move or to set, and nothing is stored. */
      readonly version: number
      readonly behind: number
      /** `to` has just begun with what was set (`begins`). The same move a second time need not say so again. */
      readonly began?: boolean | undefined
    } & Tagged)
  | { readonly kind: 'too-large'; readonly bytes: number }
  | Tombstone

/**
 * Which sessions have a label. The id is added before the session's own write says so, and stays until it is removed or
 * its time is over: an id may be of a session that does not have the label yet, or any more, or that has ended. Whoever
 * has a label may be a person: no error shows it.
 */
export interface Labels {
  /**
   * The label leads to this id for `ttl` milliseconds from now, or for as long as it did already if that is longer.
   * False: it did already.
   */
  add(label: string, id: string, how: LabelHow & { readonly ttl: number }): Promise<boolean>
  /** The ids to which the label leads. */
  list(label: string, how: LabelHow): Promise<readonly string[]>
  remove(label: string, ids: readonly string[], how: LabelHow): Promise<void>
}

export interface LabelHow {
  /** Milliseconds from now after which nothing must be changed any more. */
  readonly within: number
}

export type TouchResult =
  | ({ readonly kind: 'touched' } & Pick<Tagged, 'label'>)
  | { readonly kind: 'absent' }
  | Tombstone
