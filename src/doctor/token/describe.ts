import { type Decision, decide } from '../../core/decide.ts'
import { createKeyring, type Verdict } from '../../core/keyring.ts'
import { endingOf, idleOf, type Limits } from '../../core/lifetime.ts'
import { printed } from '../../core/printed.ts'
import { decodeToken, MAX_TOKEN_LENGTH, type Token } from '../../core/token.ts'

export interface TokenQuestion {
  /** None: the signature cannot be checked. */
  readonly secrets: readonly string[]
  /** Undefined: the cookie's name, if it came with the value, else `limpet`. */
  readonly namespace: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  /** Milliseconds, as the backends are configured. */
  readonly idle: number
  readonly absolute: number | undefined
}

export type TokenReport =
  | { readonly kind: 'none'; readonly why: string }
  | {
      readonly kind: 'token'
      readonly fields: Readonly<Record<string, string>>
      readonly signature: string
      /** What a backend would do now; undefined: nobody can tell without the secret. */
      readonly decision: Decision | undefined
      /** The same in words. */
      readonly text: string
    }

/** What a cookie of limpet's says, and what a backend would make of it now. */
export function describeToken(given: string, question: TokenQuestion): TokenReport {
  const { name, value } = split(given)
  const decoded = decodeToken(value)
  if (!decoded) return { kind: 'none', why: whyNot(value) }
  const { now, idle, absolute, secrets } = question
  const limits: Limits = { idle, absolute }
  const namespace = question.namespace ?? name ?? 'limpet'
  const verdict = secrets.length === 0 ? undefined : createKeyring(secrets, namespace).verify(value)
  const decision = verdict && decisionOn(verdict, now, limits)
  return {
    kind: 'token',
    fields: fieldsOf(decoded.token, decoded.keyId, now, limits),
    signature: signatureOf(verdict, namespace),
    decision,
    text: decision ? inWords(decision) : withoutSecret(decoded.token, now, limits),
  }
}

/** A bare value, `name=value`, or a whole Set-Cookie or Cookie line with one cookie. */
function split(given: string): { readonly name: string | undefined; readonly value: string } {
  const text = given.trim().replace(/^(set-)?cookie:\s*/i, '')
  const [pair = ''] = text.split(';', 1)
  const at = pair.indexOf('=')
  const value = pair.slice(at + 1).trim()
  return { name: at > 0 ? pair.slice(0, at).trim() : undefined, value: value.replace(/^"(.*)"$/, '$1') }
}

function whyNot(value: string): string {
  if (value === '') return 'it is empty'
  if (value.length > MAX_TOKEN_LENGTH)
    return `it has ${value.length} characters, and a token at most ${MAX_TOKEN_LENGTH}`
  if (/%[0-9a-f]{2}/i.test(value)) return 'it is percent-encoded; decode it first'
  return `${printed(value)} is not of its shape (2..., with three or more dots)`
}

function fieldsOf(token: Token, keyId: string, now: number, limits: Limits): Readonly<Record<string, string>> {
  const { id, owner, boot, version, createdAt, touchedAt, issuedAt, lifetime, pendingFrom } = token
  return {
    id,
    owner: `${owner} (boot ${boot})`,
    version: version === 0 ? '0 (this client has seen no data)' : String(version),
    created: moment(createdAt, now),
    touched: touchedAt === 0 ? 'never, as far as this client knows' : moment(touchedAt, now),
    signed: moment(issuedAt, now),
    expires: issuedAt === 0 ? 'not known yet' : moment(issuedAt + idleOf(token, limits), now),
    ...(lifetime === undefined ? {} : { lifetime: `${span(lifetime)}, of its own` }),
    ...(pendingFrom === undefined ? {} : { 'pending move from': pendingFrom }),
    key: keyId,
  }
}

function signatureOf(verdict: Verdict | undefined, namespace: string): string {
  if (!verdict) return 'not checked: set LIMPET_SECRET'
  if (verdict.kind === 'token') return 'good'
  return verdict.reason === 'unknown-key'
    ? `by another secret, or for another namespace than ${printed(namespace)}`
    : 'bad: the value was changed'
}

function decisionOn(verdict: Verdict, now: number, limits: Limits): Decision {
  const boot = verdict.kind === 'token' ? verdict.token.boot : ''
  return decide({ cookie: verdict, several: false, ended: 'no', now, clockIsMeasured: true, boot, limits })
}

const REASONS: Readonly<Record<string, string>> = {
  'unknown-key': 'it was signed with another secret, or for another namespace',
  'bad-signature': 'its signature is bad',
  expired: 'nobody used it for longer than the idle timeout',
  'too-old': 'it is older than the absolute timeout',
  touch: "the stored data's lifetime is due to be renewed",
  reissue: 'the token is older than a twentieth of the idle timeout',
  'from-future': 'it was signed by a clock that is ahead of this one',
}

function inWords(decision: Decision): string {
  if (decision.kind === 'start') {
    return `would begin a new session (${decision.reason}): ${REASONS[decision.reason] ?? decision.reason}`
  }
  const end = 'unless the session was logged out, which the store alone knows'
  if (decision.sign === undefined) return `would go on with the session and leave the token as it is, ${end}`
  return `would go on with the session and sign the token anew (${decision.sign}): ${REASONS[decision.sign] ?? ''}, ${end}`
}

function withoutSecret(token: Token, now: number, limits: Limits): string {
  const ending = endingOf(token, token.issuedAt, now, limits)
  return ending === undefined
    ? 'would go on with the session, if the signature is good'
    : `would begin a new session whatever the signature (${ending}): ${REASONS[ending]}`
}

function moment(at: number, now: number): string {
  if (at === 0) return 'unknown: no clock was measured yet'
  if (at > 8.64e15) return 'beyond all calendars'
  const apart = at - now
  return `${new Date(at).toISOString()} (${apart > 0 ? `in ${span(apart)}` : `${span(-apart)} ago`})`
}

function span(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} hours` : `${Math.round(seconds / 86_400)} days`
}
