/**
 * The port behind which session data lives. Memory and Redis are its first two drivers; `limpet/testing` has the suite that
 * a third must pass.
 *
 * A session is a version and a set of entries, key to JSON text. Every write raises the version by at least one. Whoever calls says which
 * version the client has seen (`seen`); a store that is older than that has lost acknowledged writes, must say by how much
 * (`behind`) and must go on well above `seen`, so that no version number ever names two states of a session. The drivers here
 * remember which versions were lost, and tell everybody who has seen one of them, not only who asks first.
 *
 * Failures reject with `StoreError`. Everything else that can happen is a result with a word.
 */
export interface Store {
  /** True when the data is in this process: reading it costs nothing, so local copies would be waste. */
  readonly local?: boolean
  read(id: string, how: ReadHow): Promise<ReadResult>
  /** Applies the change, all of it or nothing. The first write of a session makes version 1. */
  write(id: string, change: Change): Promise<WriteResult>
  /**
   * Removes the data and leaves a tombstone for `ttl` milliseconds, to which nothing can be written; also where there was no data. Nothing
   * makes a tombstone younger.
   */
  destroy(id: string, how: WriteHow): Promise<DestroyResult>
  /**
   * Gives all data of `from` to `to`, an id that nobody knows yet, leaving a tombstone, in one step. Where `from` is unknown, `to` becomes
   * an empty session. The ids share their first two characters.
   */
  move(from: string, to: string, how: MoveHow): Promise<MoveResult>
  /** Renews the lifetime of the data, or of the tombstone. */
  touch(id: string, ttl: number): Promise<TouchResult>
  /** Starts to tell what other backends change. Returns the function that stops it. A store that cannot tell leaves this out. */
  watch?(watcher: Watcher): () => void
  /** Ends what the store itself started: timers, connections, subscriptions. */
  close?(): Promise<void>
}

/** Key to JSON text. */
export type Entries = ReadonlyMap<string, string>

export interface ReadHow {
  /** The newest version that the client has seen. */
  readonly seen: number
  /** Milliseconds to renew the lifetime to; undefined: leave it. */
  readonly renew: number | undefined
  /** Milliseconds that the data lives on when the store turns out to be behind. */
  readonly ttl: number
  /** Milliseconds that the caller waits for the answer. Default 1000. */
  readonly within?: number
}

export interface WriteHow {
  readonly seen: number
  /** Milliseconds until the store forgets the session. */
  readonly ttl: number
  /** Milliseconds from now after which the write must not happen any more; at 0 or less it rejects, with `applied: false`. */
  readonly within: number
}

export interface MoveHow extends WriteHow {
  /** Milliseconds that the tombstone stays; `ttl` is the data's. */
  readonly tombstoneTtl: number
}

export interface Change extends WriteHow {
  /** Names other keys than `delete`. */
  readonly set: Entries
  readonly delete: readonly string[]
  /** Write only if this key still has this text (undefined: is absent). */
  readonly expect: { readonly key: string; readonly text: string | undefined } | undefined
  /** Refuse the write if the session would then hold more bytes of keys and JSON texts in UTF-8, unless it gets smaller by it. */
  readonly maxBytes: number
}

/** The session was destroyed, or moved to another id. */
export interface Retired {
  readonly kind: 'retired'
  /** Milliseconds since then. */
  readonly age: number
  /** It goes on under another id, which nobody is told who knows only this one. */
  readonly moved: boolean
}

/** Versions that were lost: those above the one and up to the other. */
export interface Lost {
  readonly above: number
  readonly upTo: number
}

export type ReadResult =
  | {
      readonly kind: 'found'
      readonly version: number
      readonly behind: number
      readonly entries: Entries
      /** The newest loss of this session: a local copy does not answer who has seen what was lost. */
      readonly lost?: Lost | undefined
      /** False: the lifetime was to be renewed, and could not be (a server that only reads). */
      readonly renewed?: boolean | undefined
    }
  /** Nothing stored, and `seen` was 0. */
  | { readonly kind: 'absent' }
  | Retired

export type WriteResult =
  | { readonly kind: 'written'; readonly version: number; readonly behind: number }
  | { readonly kind: 'conflict'; readonly text: string | undefined }
  | { readonly kind: 'too-large'; readonly bytes: number }
  | Retired

export type DestroyResult = { readonly kind: 'destroyed' } | Retired

export type MoveResult = { readonly kind: 'moved'; readonly version: number; readonly behind: number } | Retired

export type TouchResult = { readonly kind: 'touched' } | { readonly kind: 'absent' } | Retired

export interface Watcher {
  /** Another backend, or the store itself, changed this session; `how` it ended, if it did. Not for what this store did itself and has answered. */
  changed(id: string, how?: 'destroyed' | 'moved'): void
  /** Another backend renewed this session's lifetime. To tell it is optional: it saves other backends a touch. */
  renewed(id: string): void
  /** Anything may have changed: no local copy can be trusted before the store has confirmed it. */
  down(): void
  /** From now on every change is told. */
  up(): void
  /** The store cannot tell changes, or something about the client will hurt. */
  warn(code: 'no-invalidation' | 'client-settings', message: string): void
}
