/** What the store needs of a client, whichever it is. Made once by `ioredis.ts` or `node-redis.ts`. */
export interface RedisConnection {
  /** What the client itself puts before every key. */
  readonly keyPrefix: string
  readonly isCluster: boolean
  /**
   * The client settles the promises of commands whose connection broke: it rejects them, or sends them again. Where it does not, they would
   * stay open for ever; then `Link` rejects them.
   */
  readonly settles: boolean
  isReady(): boolean
  /** Sends one command. `key` says which node of a cluster it is for. Rejects with the client's own errors. */
  send(key: string, command: readonly string[]): Promise<unknown>
  /** Connects if nobody has asked it to yet. */
  wake(): void
  /** Calls back at every (re)connection, and at every loss. Returns the function that stops it. */
  observe(observer: ConnectionObserver): () => void
  /** Opens a second connection that hears what is changed. It is tried once: whoever calls opens another when it is lost. */
  listen(to: Subject, listener: ChangeListener): () => void
  /** What about the client's settings will hurt, with the repair; undefined: nothing. */
  readonly complaint: string | undefined
}

export interface ConnectionObserver {
  ready(): void
  lost(): void
}

export interface Subject {
  /** What scripts publish. */
  readonly channel: string
  /** Keys that begin so are tracked too (CLIENT TRACKING), where one server knows all of them: not in a cluster. */
  readonly prefix: string
}

export interface ChangeListener {
  /** From now on everything is heard. `tracks`: of changes that no script published, too. */
  ready(tracks: boolean): void
  lost(): void
  /** Redis does not let this user listen; trying again is of no use. */
  refused(why: string): void
  message(text: string): void
  /** Full names of keys that were changed, have expired, or were evicted; null: all of them. */
  changed(keys: readonly string[] | null): void
}
