import { isError, isLimpetError, isStoreError, StoreError } from '../core/errors.ts'

/**
 * Replies by which Redis says that it has not done it, and that it cannot do anything now: worth leaving it alone for a
 * moment.
 */
const OUT_OF_ORDER = /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|READONLY)\b|-READONLY\b/

/** Replies by which Redis refuses writes, and still answers reads. */
const NO_WRITES = /^(MISCONF|NOREPLICAS|OOM)\b|\bOOM command not allowed/

/**
 * Replies to the commands that set up a connection after which trying again is of use. Every other error reply is a
 * refusal.
 */
const PASSES =
  /^-?(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|READONLY|MISCONF|NOREPLICAS|OOM|UNBLOCKED|MOVED|ASK)\b|max number of clients|redirect to does not exist/

/** Every error reply of Redis begins with a word in capitals; no client's own error does. */
const REPLY = /^-?([A-Z][A-Z0-9]+) /

/** What a client says when the command has not left this process. */
const NOT_SENT = /enableOfflineQueue options is false|^The client is (closed|offline)$/

/**
 * Says of a client's error what it means for the command: whether it can have happened, and whether the server is out
 * of order. `broken`: the connection broke meanwhile, and the client may have sent it twice, so that an answer speaks
 * of the second time only.
 *
 * Nothing of the client's error goes on but a word: it has the command with it, and so session values, and addresses in
 * its text.
 */
export function storeError(error: unknown, operation: string, broken = false): StoreError {
  if (isStoreError(error)) return error
  const message = isError(error) ? error.message : ''
  const refused = isReply(error)
  const applied = !broken && (refused || NOT_SENT.test(message)) ? false : 'unknown'
  const outage = broken || !refused || OUT_OF_ORDER.test(message) || (operation === 'read' && NO_WRITES.test(message))
  return new StoreError(`Redis failed in a ${operation}: ${describe(error)}`, { applied, outage })
}

/** Did the server answer, with an error? Then it has not done it. */
export function isReply(error: unknown): error is Error {
  return isError(error) && REPLY.test(error.message)
}

/** Did the server refuse what sets up a connection, so that trying again is of no use? */
export function isRefusal(error: unknown): error is Error {
  return isReply(error) && !PASSES.test(error.message)
}

export function isReadOnly(error: unknown): boolean {
  return isError(error) && /^-?READONLY\b|-READONLY\b/.test(error.message)
}

/** Did Redis refuse because it takes no writes at this moment? What only reads may still be answered. */
export function refusesWrites(error: unknown): boolean {
  return isError(error) && /\b(OOM|MISCONF|NOREPLICAS|READONLY)\b/.test(error.message)
}

export function isNoScript(error: unknown): boolean {
  return isError(error) && error.message.startsWith('NOSCRIPT')
}

/**
 * The one word of an error that may be shown: that of the server's reply (`READONLY`), or of the operating system
 * (`ECONNREFUSED`).
 */
export function wordOf(error: unknown): string {
  if (!isError(error)) return 'the connection broke'
  // Older servers say inside of another reply why they stopped a script.
  const [, readonly, oom] = /-(READONLY)\b|\b(OOM) command not allowed/.exec(error.message) ?? []
  const reply = readonly ?? oom ?? REPLY.exec(error.message)?.[1]
  if (reply !== undefined) return reply
  const first: unknown = 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : error
  const code = isError(first) && 'code' in first ? first.code : undefined
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code
  if (NOT_SENT.test(error.message)) return 'there was no connection'
  return /timeout/i.test(error.name + error.message) ? 'no answer in time' : 'the connection broke'
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/WRONGTYPE/, "something else uses limpet's keys: give redisStore(client, { prefix }) a prefix of its own"],
  [/OOM/, 'raise maxmemory, or choose a maxmemory-policy that evicts'],
  [/^(MOVED|ASK) /, 'this is Redis Cluster: give redisStore() a Cluster of ioredis or createCluster() of node-redis'],
  [/^NOPERM/, 'docs/redis.md lists what this user must be allowed'],
  [/^(NOAUTH|WRONGPASS)/, 'Redis wants another user or password'],
  [/DB index is out of range/, 'there is no such database'],
  [/max number of clients/, 'Redis has no room for another client: raise maxclients'],
]

/** The same with what to do about it, where that is known. */
export function describe(error: unknown): string {
  if (isLimpetError(error)) return error.message
  const found = isError(error) ? HINTS.find(([pattern]) => pattern.test(error.message)) : undefined
  return found ? `${wordOf(error)}: ${found[1]}` : wordOf(error)
}
