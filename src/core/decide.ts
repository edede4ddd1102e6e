import type { BadCookie, Verdict } from './keyring.ts'
import type { Token } from './token.ts'

/** Why a session began. The same words stand in `sticky.reason`, in events and in counters. */
export type StartReason = 'no-cookie' | BadCookie | 'from-future' | 'expired' | 'too-old' | 'destroyed'

/** Why a token is signed anew although nothing was written. */
export type SignReason = 'renewal' | 'retired-key' | 'second-cookie' | 'keep-alive'

export type Decision =
  | { readonly kind: 'start'; readonly reason: StartReason }
  | {
      readonly kind: 'resume'
      readonly token: Token
      readonly misdirected: boolean
      readonly sign: SignReason | undefined
    }

/** A token is judged with CLOCK_SKEW to spare, in favour of the client. */
export interface Limits {
  /** Seconds without a request after which a session ends. */
  readonly idle: number
  /** Seconds after which a session ends, whatever happens; undefined: never. */
  readonly absolute: number | undefined
  /** Seconds after which a token is signed anew. */
  readonly renewAfter: number
  /** Seconds after which the stored data's lifetime is renewed. */
  readonly keepAliveAfter: number
}

export interface Facts {
  /** The best of the cookies that came with the request; undefined: none of our name. */
  readonly cookie: Verdict | undefined
  /** More than one cookie of our name came. */
  readonly several: boolean
  /** This backend knows that the session was destroyed. */
  readonly destroyed: boolean
  /** Seconds since 1970. */
  readonly now: number
  readonly backend: string
  readonly limits: Limits
}

/** Backends' clocks may differ by this many seconds. */
export const CLOCK_SKEW = 60

/** What to do with one request. Total and pure; the rest of limpet fetches the facts and carries the decision out. */
export function decide({ cookie, several, destroyed, now, backend, limits }: Facts): Decision {
  if (cookie === undefined) return { kind: 'start', reason: 'no-cookie' }
  if (cookie.kind === 'bad') return { kind: 'start', reason: cookie.reason }
  const { token, retiredKey } = cookie
  const over = beyondLimits(token, now, limits)
  if (over) return { kind: 'start', reason: over }
  if (destroyed) return { kind: 'start', reason: 'destroyed' }
  const sign = signReason(token, retiredKey, several, now, limits)
  return { kind: 'resume', token, misdirected: token.owner !== backend, sign }
}

/** Why a good token is worth nothing any more, or not yet; undefined: it is within its limits. */
export function beyondLimits(token: Token, now: number, limits: Limits): StartReason | undefined {
  const age = now - token.issuedAt
  if (age < -CLOCK_SKEW) return 'from-future'
  if (age > limits.idle + CLOCK_SKEW) return 'expired'
  const tooOld = limits.absolute !== undefined && now - token.createdAt > limits.absolute + CLOCK_SKEW
  return tooOld ? 'too-old' : undefined
}

function signReason(
  token: Token,
  retiredKey: boolean,
  several: boolean,
  now: number,
  limits: Limits,
): SignReason | undefined {
  if (retiredKey) return 'retired-key'
  if (several) return 'second-cookie'
  if (token.version > 0 && now - token.storedAt > limits.keepAliveAfter) return 'keep-alive'
  return now - token.issuedAt > limits.renewAfter ? 'renewal' : undefined
}

/**
 * The best of several cookies of our name (an old Path or Domain leaves such twins behind): the newest valid one. Of one
 * session, the one that has seen more; of two sessions, the one signed later. A bad cookie never beats a good one, nor does one that is
 * not `usable` (beyond its limits, destroyed) beat one that is.
 */
export function newest<V extends Verdict>(
  verdicts: readonly V[],
  usable: (token: Token) => boolean = () => true,
): V | undefined {
  const good = verdicts.filter((verdict) => verdict.kind === 'token' && usable(verdict.token))
  const among = good.length > 0 ? good : verdicts
  return among.reduce<V | undefined>((best, next) => (best && !isNewer(next, best) ? best : next), undefined)
}

function isNewer(next: Verdict, best: Verdict): boolean {
  if (next.kind === 'bad') return false
  if (best.kind === 'bad') return true
  const sameSession = next.token.id === best.token.id
  if (sameSession && next.token.version !== best.token.version) return next.token.version > best.token.version
  return next.token.issuedAt > best.token.issuedAt
}
