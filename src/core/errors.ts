/** Stable words for every error that limpet throws. Compare `error.code`, not `instanceof`. */
export type ErrorCode =
  | 'ERR_LIMPET_OPTIONS'
  | 'ERR_LIMPET_SECRET'
  | 'ERR_LIMPET_CLIENT'
  | 'ERR_LIMPET_KEY'
  | 'ERR_LIMPET_VALUE'
  | 'ERR_LIMPET_SIZE'
  | 'ERR_LIMPET_STORE'
  | 'ERR_LIMPET_CONFLICT'
  | 'ERR_LIMPET_UPDATE'
  | 'ERR_LIMPET_DESTROYED'
  | 'ERR_LIMPET_EXPIRED'
  | 'ERR_LIMPET_BODY'
  | 'ERR_LIMPET_NOT_FOUND'
  | 'ERR_LIMPET_LABEL'
  | 'ERR_LIMPET_DOCTOR'

/** The HTTP status that answers a request whose work failed so; 500 for what is not here. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  ERR_LIMPET_STORE: 503,
  ERR_LIMPET_CONFLICT: 409,
  ERR_LIMPET_DESTROYED: 409,
  ERR_LIMPET_EXPIRED: 409,
  ERR_LIMPET_NOT_FOUND: 404,
  ERR_LIMPET_SIZE: 413,
}

/** Misuse or a failed operation. Hostile input never throws: it becomes a reason word. */
export class LimpetError extends Error {
  readonly code: ErrorCode
  /** For web frameworks: Express, Koa and Fastify answer an error that nobody caught with this status. */
  readonly status: number
  /** False: frameworks do not show the message to the client. */
  readonly expose = false

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'LimpetError'
    this.code = code
    this.status = STATUS[code] ?? 500
  }
}

/**
 * The store did not do what was asked.
 *
 * `applied` tells what is known of a write: `false` means that it did not happen and will not happen later,
 * `'unknown'` that the connection broke, or the time ran out, after it was sent: it may have happened by now.
 */
export class StoreError extends LimpetError {
  readonly applied: false | 'unknown'
  /** True when the store as a whole did not answer: such failures make limpet leave it alone for a moment. */
  readonly outage: boolean

  constructor(message: string, about: { applied: false | 'unknown'; outage: boolean; cause?: unknown }) {
    super('ERR_LIMPET_STORE', message, about.cause === undefined ? undefined : { cause: about.cause })
    this.name = 'StoreError'
    this.applied = about.applied
    this.outage = about.outage
  }
}

/**
 * By its code: a store may have been loaded as CommonJS and the rest as ESM, and then there are two classes of the same
 * name.
 */
export function isStoreError(error: unknown): error is StoreError {
  return isObject(error) && 'code' in error && error.code === 'ERR_LIMPET_STORE' && 'applied' in error
}

/** By its shape: an error may be of another realm (a vm context, Jest), where `instanceof Error` is false for it. */
export function isError(error: unknown): error is Error {
  return isObject(error) && 'message' in error && typeof error.message === 'string'
}

/** Its text may be shown: it is ours. */
export function isLimpetError(error: unknown): error is LimpetError {
  return isError(error) && 'code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_LIMPET_')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
