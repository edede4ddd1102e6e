import { isStoreError, StoreError } from '../core/errors.ts'

/** Replies by which Redis says that it has not done it, and that it cannot do anything now: worth leaving it alone for a moment. */
const OUT_OF_ORDER = /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|READONLY)\b|-READONLY\b/

/** Replies by which Redis refuses writes, and still answers reads. */
const NO_WRITES = /^(MISCONF|NOREPLICAS|OOM)\b|\bOOM command not allowed/

/** Every error reply of Redis begins with a word in capitals; no client's own error does. */
const REPLY = /^-?[A-Z][A-Z0-9]+ /

/** What a client says when the command has not left this process. */
const NOT_SENT = /enableOfflineQueue options is false|^The client is (closed|offline)$/

/**
 * Says of a client's error what it means for the command: whether it can have happened, and whether the server is out of order.
 * `broken`: the connection broke meanwhile, and the client may have sent it twice, so that an answer speaks of the second time only.
 */
export function storeError(error: unknown, operation: string, broken = false): StoreError {
  if (isStoreError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  const refused = isReply(error)
  const applied = !broken && (refused || NOT_SENT.test(message)) ? false : 'unknown'
  const outage = broken || !refused || OUT_OF_ORDER.test(message) || (operation === 'read' && NO_WRITES.test(message))
  return new StoreError(`Redis failed in a ${operation}: ${hint(message)}`, { applied, outage, cause: error })
}

/** Did the server answer, with an error? Then it has not done it. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && REPLY.test(error.message)
}

/** Does it say that this user or server will never do it? Everything else may be different the next time. */
export function isRefusal(error: unknown): error is Error {
  return isReply(error) && /^-?(NOPERM|NOAUTH|WRONGPASS|ERR unknown)/.test(error.message)
}

export function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/WRONGTYPE/, "something else uses limpet's keys: give redisStore(client, { prefix }) a prefix of its own"],
  [/OOM/, 'raise maxmemory, or choose a maxmemory-policy that evicts'],
  [/^(MOVED|ASK) /, 'this is Redis Cluster: give redisStore() a Cluster of ioredis or createCluster() of node-redis'],
  [/^NOPERM/, 'docs/redis.md lists what this user must be allowed'],
]

function hint(message: string): string {
  const found = HINTS.find(([pattern]) => pattern.test(message))
  return found ? `${message} (${found[1]})` : message
}
