import type { StartReason } from '../core/decide.ts'

/**
 * The shape of your session. Augment it, and keys and values are typed:
 *
 *     declare module 'limpet' { interface SessionData { cart: Item[]; user: string } }
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be augmented
export interface SessionData {}

export type SessionKey = keyof SessionData extends never ? string : keyof SessionData & string

export type SessionValue<Key> = Key extends keyof SessionData ? SessionData[Key] : unknown

/** What stands on the request: `req.sticky`, `ctx.sticky`. */
export interface Sticky {
  /** Names the session: 24 characters of base64url. */
  readonly id: string
  /**
   * `new`: begun by this request. `resumed`: the client brought a valid token. `adopted`: the same, and as the token
   * had to be signed anew, the session moved here from the backend that owned it.
   */
  readonly state: 'new' | 'resumed' | 'adopted'
  /** Why the session is new, or `valid`. */
  readonly reason: StartReason | 'valid'
  /** Id of the backend that the session belongs to. */
  readonly owner: string
  /** Id of this backend. */
  readonly backend: string
  /** The session's owner is another backend. */
  readonly misdirected: boolean
  /** The data, shared by all backends. */
  readonly session: Session
  /**
   * Gives the session a new id and keeps its data: call it when a client's rights change (after login), so that an id
   * known to somebody else is worth nothing (session fixation). `values` are written in the same step, under the new id
   * alone: `regenerate({ user: 'ada' })`.
   *
   * Of two logins at once (a double click) both resolve: the later one takes along what the session held when the first
   * moved it, if its request had begun by then and had seen that version; otherwise it begins an empty session. A
   * request with the old id gets nothing of the new one. Rejects with `ERR_LIMPET_DESTROYED` when a logout has ended
   * the session while this request ran.
   */
  regenerate(values?: { readonly [Key in SessionKey]?: SessionValue<Key> }): Promise<void>
  /**
   * "Remember me": this session alone ends after so long without a request, instead of after `idleTimeout`;
   * milliseconds or `'30d'`. `null`: as the others again. It is stored with the data, and goes along when the session
   * gets a new id. `absoluteTimeout` ends it all the same. The cookie lives as long, also where `cookie.lifetime` is
   * `'session'`. Call it at the login: each call is one write.
   */
  lifetime(duration: number | string | null): Promise<void>
  /**
   * What the session is found by: `label('user:42')`, and then `limpet.labelled('user:42')` lists it and
   * `limpet.destroyAll('user:42')` ends it. One for each session; `null` takes it away. It is stored with the data,
   * goes along when the session gets a new id, and is never shown to the client. Call it at the login, after
   * `regenerate()`. Rejects with `ERR_LIMPET_LABEL` where the store has no labels, and with `ERR_LIMPET_DESTROYED` when
   * all sessions of the label are ended at this moment: this one is ended too.
   */
  label(label: string | null): Promise<void>
}

/**
 * The session's data. Values are JSON; each `get` returns a fresh copy.
 *
 * Rejections carry a `code`: `ERR_LIMPET_STORE` (with `applied`: false, or 'unknown' when the connection broke or the
 * time ran out), `ERR_LIMPET_DESTROYED` (another request ended the session, or gave it a new id), `ERR_LIMPET_EXPIRED`
 * (this request or socket has outlived it), `ERR_LIMPET_SIZE`, `ERR_LIMPET_VALUE`, `ERR_LIMPET_KEY`,
 * `ERR_LIMPET_CONFLICT`, `ERR_LIMPET_UPDATE`. Web frameworks find `status` there.
 */
export interface Session {
  /** The value, or undefined. From a local copy if that is as new as what this client has seen; else from the store. */
  get<Key extends SessionKey>(key: Key): Promise<SessionValue<Key> | undefined>
  /** When it resolves, every backend can read the value. */
  set<Key extends SessionKey>(key: Key, value: SessionValue<Key>): Promise<void>
  /** Several keys in one step, all of them or none. */
  set(values: { readonly [Key in SessionKey]?: SessionValue<Key> }): Promise<void>
  /**
   * Atomic: reads, calls `change` and writes; if somebody wrote the key in between, calls `change` again with the newer
   * value, so `change` should have no other effects. Resolves to what was written. `change` has `storeTimeout` to
   * finish; it must not update the same key of the same session itself.
   */
  update<Key extends SessionKey>(
    key: Key,
    change: (
      value: SessionValue<Key> | undefined,
    ) => NonNullable<SessionValue<Key>> | null | Promise<NonNullable<SessionValue<Key>> | null>,
  ): Promise<SessionValue<Key>>
  /** Is there such a key? Read as `get` does. */
  has(key: SessionKey): Promise<boolean>
  /** Removes keys, in one step. */
  delete(...keys: SessionKey[]): Promise<void>
  /**
   * Reads and removes, in one step: of several that take the same value, one gets it. For messages that are shown once.
   * Where the key is absent nothing is written.
   */
  take<Key extends SessionKey>(key: Key): Promise<SessionValue<Key> | undefined>
  /** Removes all keys, in one step. The session keeps its id, its lifetime and its label. */
  clear(): Promise<void>
  /**
   * Renews the lifetime of what is stored, without reading it. Every request does so by itself when it is time; a
   * socket does when it uses the session.
   */
  touch(): Promise<void>
  /** All keys and values. */
  all(): Promise<{ [Key in SessionKey]?: SessionValue<Key> }>
  /**
   * Logout: the data is gone on every backend, under every id that the session had or is being given, and the cookie is
   * replaced by that of a new session. Rejects when the store could not be told; the cookie is replaced all the same,
   * and this backend tells the store when it answers again.
   */
  destroy(): Promise<void>
  /** The store had lost writes that this client had already seen (a failover, an empty restart). */
  readonly behind: boolean
  /** The store did not answer, and the last read came from a local copy: it may no longer be the newest. */
  readonly stale: boolean
}
