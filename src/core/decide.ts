import type { BadCookie, Verdict } from './keyring.ts'
import { type Ending, endingOf, isFromFuture, isReissueDue, isTouchDue, type Limits } from './lifetime.ts'
import type { Token } from './token.ts'

/** Why a session began. The same words stand in `sticky.reason`, in events and in counters. */
export type StartReason = 'no-cookie' | BadCookie | Ending | 'destroyed'

/** Why a token is signed anew although nothing was written. */
export type SignReason = 'reissue' | 'retired-key' | 'second-cookie' | 'touch' | 'from-future' | 'adopted'

export type Decision =
  | {
      readonly kind: 'start'
      readonly reason: StartReason
      /** The client's cookie may still be worth something: the new one takes its place only if something is stored. */
      readonly keepCookie: boolean
    }
  | {
      readonly kind: 'resume'
      readonly token: Token
      readonly misdirected: boolean
      readonly sign: SignReason | undefined
    }

export interface Facts {
  /** The best of the cookies that came with the request; undefined: none of our name. */
  readonly cookie: Verdict | undefined
  /** More than one cookie of our name came. */
  readonly several: boolean
  /**
   * This backend knows that the session has ended; `moving`: it went on under another id, whose cookie may still be on
   * its way.
   */
  readonly ended: 'no' | 'ended' | 'moving'
  /** Milliseconds since 1970, on the store's clock where there is one. */
  readonly now: number
  /** False: the store has a clock, and nobody has asked it yet; `now` is only what this backend believes. */
  readonly clockIsMeasured: boolean
  /** Names this life of this backend. */
  readonly boot: string
  readonly limits: Limits
}

/** What to do with one request. Total and pure; the rest of limpet fetches the facts and carries the decision out. */
export function decide({ cookie, several, ended, now, clockIsMeasured, boot, limits }: Facts): Decision {
  if (cookie === undefined) return { kind: 'start', reason: 'no-cookie', keepCookie: false }
  if (cookie.kind === 'bad') return { kind: 'start', reason: cookie.reason, keepCookie: false }
  const { token, retiredKey } = cookie
  // A clock that may be off by days ends nothing. What has ended meanwhile the store has forgotten.
  const ending = clockIsMeasured ? endingOf(token, token.issuedAt, now, limits) : undefined
  if (ending) return { kind: 'start', reason: ending, keepCookie: false }
  if (ended !== 'no') return { kind: 'start', reason: 'destroyed', keepCookie: ended === 'moving' }
  const sign = signReason(token, retiredKey, several, now, limits)
  return { kind: 'resume', token, misdirected: token.boot !== boot, sign }
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
  if (isFromFuture(token, now)) return 'from-future'
  if (isTouchDue(token, now, limits)) return 'touch'
  return isReissueDue(token, now, limits) ? 'reissue' : undefined
}

/**
 * The best of several cookies of our name (an old Path or Domain leaves such twins behind): the newest valid one. Of
 * one session, the one that has seen more; of two sessions, the one signed later. A bad cookie never beats a good one,
 * nor does one that is not `usable` (beyond its limits, destroyed) beat one that is.
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
