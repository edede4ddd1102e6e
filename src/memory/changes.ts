import { StoreError } from '../core/errors.ts'
import { entryBytes } from '../core/json.ts'
import type { Change, Claim, Entries, Lost, WriteHow, WriteResult } from '../ports/store.ts'
import type { Data, Held } from './shelves.ts'

/** After a loss a session goes on this far above what its client had seen: another client may have seen more. */
const LEAP = 1000

/** A session has no more claims at one time. */
const MOST_CLAIMS = 8

export interface Judged {
  readonly behind: number
  readonly lost: Lost | undefined
  /** Nobody knew of this loss. */
  readonly isNew: boolean
  /** The version of the next state. */
  readonly next: number
}

/** What is there, against what the client has seen. */
export function judge({ version, lost: before }: Data, seen: number): Judged {
  const isNew = seen > version
  const lost = isNew ? { above: version, upTo: seen + LEAP } : before
  const behind = lost && seen > lost.above && seen <= lost.upTo ? seen - lost.above : 0
  return { behind, lost, isNew, next: (isNew ? seen + LEAP : version) + 1 }
}

/** Nothing waits here, so a write is late only if it was when it came. */
export function refuseLate({ within }: Pick<WriteHow, 'within'>): void {
  if (within <= 0) throw new StoreError('the time for this write was over', { applied: false, outage: false })
}

export function apply(before: Entries, set: Entries, gone: readonly string[]): { entries: Entries; bytes: number } {
  const entries = new Map(before)
  for (const [key, text] of set) entries.set(key, text)
  for (const key of gone) entries.delete(key)
  let bytes = 0
  for (const [key, text] of entries) bytes += entryBytes(key, text)
  return { entries, bytes }
}

/** Why a write that expects something may not be done; `claims`: those that are left then. Undefined: it may. */
export function stopped(
  data: Data,
  { expect, claim }: Change,
  now: number,
): { readonly result: WriteResult; readonly claims?: readonly Held[] | undefined } | undefined {
  if (!expect) return undefined
  const claims = data.claims.filter(({ until }) => until > now)
  const next = claims.find(({ key, by }) => expect.has(key) && by !== claim?.by)
  if (next) return { result: { kind: 'claimed', ms: Math.ceil(next.until - now) } }
  if ([...expect].every(([key, text]) => data.entries.get(key) === text)) return undefined
  const found = new Map([...expect.keys()].map((key) => [key, data.entries.get(key)]))
  return { result: { kind: 'conflict', found }, claims: claim && withClaim(claims, claim, now) }
}

/** What is left of the claims once somebody has written. */
export function claimsAfter({ claims }: Data, claim: Claim | undefined, now: number): readonly Held[] {
  if (claims.length === 0) return claims
  return claims.filter(({ key, by, until }) => until > now && !(key === claim?.key && by === claim.by))
}

function withClaim(claims: readonly Held[], { key, by, ms }: Claim, now: number): readonly Held[] | undefined {
  if (ms <= 0 || claims.length >= MOST_CLAIMS || claims.some((held) => held.key === key)) return undefined
  return [...claims, { key, by, until: now + ms }]
}
