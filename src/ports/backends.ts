/** The port behind which backends find each other. Redis and memory are its drivers; a store has it as `backends`. */
export interface Registry {
  /**
   * Leaves or renews the record of a backend, and tells of all. `record` is opaque, and signed by whoever made it.
   * `forget`: milliseconds after which one that was not renewed is dropped.
   */
  announce(boot: string, record: string, how: { readonly forget: number }): Promise<readonly Announced[]>
  /** Takes the record away. */
  withdraw(boot: string): Promise<void>
  /**
   * The session's owner is gone. Answers with the boot id of whoever has become the owner: `by`, or another backend
   * that was earlier within the last `ttl` milliseconds.
   */
  adopt(session: string, how: { readonly by: string; readonly instead: string; readonly ttl: number }): Promise<string>
  /** Ends what the registry itself started. */
  close?(): Promise<void>
}

export interface Announced {
  readonly boot: string
  readonly record: string
  /** Milliseconds since it was left or renewed, on the registry's clock. */
  readonly age: number
}
