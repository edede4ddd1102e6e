import type { Entries } from './store.ts'

/** One request's session as JSON texts: for whoever keeps a picture of it, and at the end writes what differs. */
export interface Texts {
  /** Not a promise where none is needed. Fails as `Session.get` does. */
  read(): Entries | Promise<Entries>
  /** Asks the store, whatever copies are at hand. Undefined: the session is over, or nobody but this request knows it. */
  reread(): Promise<Entries | undefined>
  /**
   * For a request without a session: it goes on with the one of this id, which somebody else's cookie names. `absent`:
   * nothing is stored there yet, and what this request writes will be. `over`: it has ended, and the request has a new
   * one.
   */
  adopt(id: string): Promise<Entries | 'absent' | 'over'>
  /**
   * All of it in one step, or nothing. Resolves to undefined when it is written, and else to what stands there of the
   * keys that it speaks of. Rejects as `Session.set` does.
   */
  write(edit: TextEdit): Promise<ReadonlyMap<string, string | undefined> | undefined>
}

export interface TextEdit {
  readonly set: Entries
  readonly delete: readonly string[]
  /** Write only if each of these keys still has this text (undefined: is absent). */
  readonly expect?: ReadonlyMap<string, string | undefined> | undefined
  /** One of these keys, about which others were quicker too often: this write is to be let through before theirs. */
  readonly next?: string | undefined
  /** The session's own idle timeout in milliseconds; 0: none of its own; undefined: as it is. */
  readonly lifetime?: number | undefined
  /** True: nothing of what it held goes on, and neither do its label and a lifetime of its own. */
  readonly anew?: boolean | undefined
}
