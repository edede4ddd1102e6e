/**
 * What the store needs of a client library. Made once by `ioredis.ts` or `node-redis.ts` of the client that was handed
 * in, which is a template and nothing else: no command is sent on it, no listener is added to it, and its connection
 * stays as it is.
 */
export interface RedisDriver {
  /** What the client itself puts before every key. */
  readonly keyPrefix: string
  readonly isCluster: boolean
  /** Opens a connection for commands. It lives once: when it has ended, whoever calls opens another. */
  open(on: ConnectionEvents): Connection
  /** Opens a connection on which published messages come, beside the one for commands. It lives once as well. */
  listen(beside: Connection, channel: string, on: ListenerEvents): Listener
}

export interface ConnectionEvents {
  /** Commands can be sent. Of a cluster: again, after nodes have changed. */
  ready(): void
  /** Of a cluster: one of its nodes is gone, and nobody knows what became of commands that were under way. */
  lost(): void
  /** It broke, was ended, or could never be opened. */
  ended(why: unknown): void
  /** Redis tells that keys, by their full names, were changed, have expired or were evicted; null: all of them. */
  invalidated(keys: readonly string[] | null): void
}

export interface Connection {
  /**
   * Sends one command. `key` says which node of a cluster it is for. Rejects with the client's own errors, or never if
   * the connection breaks.
   */
  send(key: string, command: readonly string[]): Promise<unknown>
  end(): void
}

export interface ListenerEvents {
  /** Messages come from now on. `redirect`: the id of this connection, if Redis is to tell it what it tells of keys. */
  ready(redirect: string | undefined): void
  ended(): void
  /** Redis answered a command of ours with this error. */
  refused(error: Error): void
  message(text: string): void
  invalidated(keys: readonly string[] | null): void
}

export interface Listener {
  /** Whether it still stands. */
  ping(): Promise<unknown>
  end(): void
}
