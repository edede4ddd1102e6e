import type { Token } from './token.ts'

/** How long sessions live. All in milliseconds. */
export interface Limits {
  /** Without a request a session ends after this long. */
  readonly idle: number
  /** A session ends after this long, whatever happens; undefined: never. */
  readonly absolute: number | undefined
}

/** Why a good token is worth nothing any more. */
export type Ending = 'expired' | 'too-old'

/** A token is signed anew after this part of the idle timeout, so that a client in use always has a young one. */
const REISSUE_PART = 1 / 20
/** The stored data's lifetime is renewed after this part of the idle timeout. */
const TOUCH_PART = 1 / 10
/** Data is stored for longer than any token is valid: what is missing then was lost. */
const STORED_FACTOR = 1.25
/** Milliseconds for what takes its time: an answer under way, two clocks that were measured a little differently. */
const SPARE = 60_000
/**
 * Milliseconds. A request that runs for longer than this after a logout, and than the session could have lived, could
 * write to it again.
 */
const LONGEST_REQUEST = 3_600_000
/** Milliseconds by which the clocks of two backends may differ after both were measured. */
const MEASURED_APART = 1000
/**
 * Milliseconds that the mark of a session stays that ended without having stored anything: as long as a request may
 * take.
 */
export const MARK_TTL = 600_000

export function idleOf({ lifetime }: Pick<Token, 'lifetime'>, limits: Limits): number {
  return lifetime ?? limits.idle
}

/**
 * The time of a token that was signed by a backend which did not know the time yet: the store has a clock, and it was
 * not measured. Such a token counts as signed now, and is signed anew by the first backend that knows. Only a session
 * that has stored nothing has one.
 */
export const UNKNOWN_TIME = 0

/**
 * Has the session ended by itself? `usedAt`: when its client was last known to use it. A time that is still to come
 * counts as now.
 */
export function endingOf(token: Token, usedAt: number, now: number, limits: Limits): Ending | undefined {
  if (usedAt !== UNKNOWN_TIME && now - usedAt > idleOf(token, limits)) return 'expired'
  return absoluteEnd(token, now, limits) < now ? 'too-old' : undefined
}

/** Milliseconds since 1970. */
function absoluteEnd({ createdAt }: Token, now: number, { absolute }: Limits): number {
  if (absolute === undefined) return Number.POSITIVE_INFINITY
  return (createdAt === UNKNOWN_TIME ? now : createdAt) + absolute
}

/** Signed by a clock that is ahead of this one: it counts as signed now, and is signed anew at once. */
export function isFromFuture({ issuedAt }: Token, now: number): boolean {
  return issuedAt - now > MEASURED_APART
}

export function isReissueDue(token: Token, now: number, limits: Limits): boolean {
  return now - token.issuedAt > idleOf(token, limits) * REISSUE_PART
}

/** The stored data's lifetime ought to be renewed, as far as the client's token tells. */
export function isTouchDue(token: Token, now: number, limits: Limits): boolean {
  return token.version > 0 && isTouchOld(token, token.touchedAt, now, limits)
}

export function isTouchOld(token: Token, touchedAt: number, now: number, limits: Limits): boolean {
  return now - touchedAt > idleOf(token, limits) * TOUCH_PART
}

/** Seconds that a browser keeps the cookie; every response starts them anew. */
export function maxAgeOf(token: Token, limits: Limits): number {
  const { issuedAt } = token
  const left = Math.min(idleOf(token, limits), absoluteEnd(token, issuedAt, limits) - issuedAt)
  return Math.max(1, Math.ceil(left / 1000))
}

/** Milliseconds that the store keeps the data without a sign of its client. */
export function storeTtl(token: Token, now: number, limits: Limits): number {
  const left = Math.min(idleOf(token, limits) * STORED_FACTOR, absoluteEnd(token, now, limits) - now)
  return Math.max(1000, Math.ceil(left + SPARE))
}

/**
 * Milliseconds that a store keeps the tombstone of a session that had a lifetime of its own, if that is longer than
 * what it is told.
 */
export function tombstoneTtlOf(lifetime: number): number {
  return Math.ceil(lifetime * STORED_FACTOR + SPARE)
}

/**
 * Milliseconds that a tombstone stays: longer than any token of the session is valid, and than any request may take.
 */
export function tombstoneTtl(token: Token, now: number, limits: Limits): number {
  const ahead = Math.max(0, token.issuedAt - now)
  return Math.max(LONGEST_REQUEST, storeTtl(token, now, limits) + ahead)
}
