/**
 * What may be handed to redisStore(), said by shape: whoever has one client library installed needs no types of the
 * other, and the types of node-redis differ with every set of modules and options.
 */
export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisCluster

/** A `Redis` or a `Cluster` of ioredis, version 5 or newer. */
export interface IoredisClient {
  readonly status: string
  readonly isCluster: boolean
  call(command: string, ...args: never[]): Promise<unknown>
  duplicate(...args: never[]): object
}

/** What `createClient()` of node-redis makes, version 5 or newer. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  readonly isReady: boolean
  readonly isPubSubActive: boolean
  sendCommand(...args: never[]): Promise<unknown>
  duplicate(...args: never[]): object
}

/** What `createCluster()` of node-redis makes, version 5 or newer. */
export interface NodeRedisCluster {
  readonly isOpen: boolean
  readonly slots: readonly unknown[]
  readonly masters: readonly unknown[]
  sendCommand(...args: never[]): Promise<unknown>
}
