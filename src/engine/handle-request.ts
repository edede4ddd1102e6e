import { cookieValues } from '../core/cookie.ts'
import { type Decision, decide, newest } from '../core/decide.ts'
import { endingOf, isFromFuture } from '../core/lifetime.ts'
import { timingEntry } from '../core/server-timing.ts'
import type { Token } from '../core/token.ts'
import type { Arrival, Outcome } from '../ports/exchange.ts'
import { MOVE_WINDOW } from '../ports/store.ts'
import type { SignedToken } from './process/token-cache.ts'
import { Hinted } from './request/hinted.ts'
import { RequestSession } from './request/request-session.ts'
import { RequestState } from './request/state.ts'
import type { Owner } from './request/tokens.ts'
import type { Services } from './services.ts'

/** Our own judgement of a cookie value. */
type Judged = ReturnType<Services['tokens']['verify']>

/** A header full of our name must not buy a signature check for each. What was found good before costs none. */
const MOST_CHECKS = 8

/**
 * One request, until the application has it. Never throws, and never asks the store. Where the balancer sends a session
 * elsewhere than it was told, nobody knows the owner's hint, so the session becomes this backend's, and the hint too.
 */
export function handleRequest(services: Services, { cookieHeader }: Arrival): Outcome {
  const judgement = judge(services, cookieHeader)
  const { decision } = judgement
  const { hints } = services
  const moves =
    hints !== undefined && decision.kind === 'resume' && decision.misdirected && hints.leadsAway(cookieHeader)
  return serve(services, moves ? { ...judgement, decision: adopted(decision) } : judgement, cookieHeader)
}

/** Signed at once, so that the client has a cookie which leads here. */
export function adopted(decision: Decision): Decision {
  return decision.kind === 'resume' ? { ...decision, sign: decision.sign ?? 'adopted' } : decision
}

/** What is to become of a request's session, by the cookie that it brought, if that was good, and when that was judged. */
export interface Judgement {
  readonly decision: Decision
  readonly signed: SignedToken | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

export function judge(services: Services, cookieHeader: string | undefined): Judgement {
  const { boot, clock, config } = services
  const now = clock.now()
  const values = cookieValues(cookieHeader, config.cookie.name)
  const several = values.length > 1
  const cookie = several ? verifyAll(services, values, now) : verifyOnly(services, values[0])
  const signed = cookie?.kind === 'token' ? cookie : undefined
  const ended = signed === undefined ? 'no' : endOf(services, signed.token)
  const clockIsMeasured = signed === undefined || clock.isMeasured()
  return {
    decision: decide({ cookie, several, ended, now, clockIsMeasured, boot, limits: config.limits }),
    signed,
    now,
  }
}

/** The application answers it here. `signer`: in whose name its token is signed, if it is. */
export function serve(
  services: Services,
  { decision, signed, now }: Judgement,
  cookieHeader: string | undefined,
  signer: Owner = services,
): Outcome {
  const { events, hints, warnings } = services
  const state = new RequestState(services, decision, signed, signer)
  if (decision.kind === 'start') {
    warnings.judged(decision.reason, now)
    if (events.hears('session-begin')) events.emit({ type: 'session-begin', id: state.id, reason: decision.reason })
  } else {
    warnings.judged(undefined, now)
    if (decision.sign === 'from-future') reportFuture(services, decision.token, now)
  }
  events.trace?.(describe(decision, state))
  const note = services.config.debug ? () => noteOf(state) : undefined
  const departure = hints ? new Hinted(state, hints, cookieHeader) : state
  return { kind: 'serve', sticky: new RequestSession(state), departure, note }
}

/** One line, for whoever sets NODE_DEBUG=limpet. */
function describe(decision: Decision, { id, owner }: RequestState): string {
  if (decision.kind === 'start') return `start ${id}: ${decision.reason}${decision.keepCookie ? ', cookie kept' : ''}`
  const { misdirected, sign, token } = decision
  return `resume ${id}: version ${token.version}, owner ${owner}${misdirected ? ' (not here)' : ''}${sign ? `, signed: ${sign}` : ''}`
}

/** What the response says, where the option `debug` asks for it. */
function noteOf({ misdirected, reason, state, token }: RequestState): string {
  const why = state === 'new' ? ` (${reason})` : ''
  return timingEntry('limpet', `${state}${why}${misdirected ? ' away from home' : ''}`, token.boot)
}

function endOf({ log, steady }: Services, { id }: Token): 'no' | 'ended' | 'moving' {
  const known = log.endOf(id)
  if (known === undefined) return 'no'
  return known.end === 'moved' && steady() - known.at < MOVE_WINDOW ? 'moving' : 'ended'
}

function verifyOnly({ tokens }: Services, value: string | undefined): Judged | undefined {
  return value === undefined ? undefined : tokens.verify(value)
}

function verifyAll(services: Services, values: readonly string[], now: number): Judged | undefined {
  const { config, log, tokens } = services
  const verdicts: Judged[] = []
  let checks = 0
  for (const value of values) {
    const known = tokens.known(value)
    if (known === undefined && checks === MOST_CHECKS) continue
    const verdict: Judged = known ?? tokens.verify(value)
    // A wrong shape or an unknown key is found without computing anything.
    if (known === undefined && !(verdict.kind === 'bad' && verdict.reason !== 'bad-signature')) checks++
    verdicts.push(verdict)
  }
  const usable = (token: Token) =>
    log.endOf(token.id) === undefined && endingOf(token, token.issuedAt, now, config.limits) === undefined
  return newest<SignedToken | Judged>(verdicts, usable)
}

function reportFuture({ warnings }: Services, token: Token, now: number): void {
  if (!isFromFuture(token, now)) return
  warnings.clockSkew("another backend's clock, by which a token was signed,", token.issuedAt - now, 'this one')
}
