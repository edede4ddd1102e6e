import type { Op } from '../../history.ts'
import type { Excuse, Violation, ViolationKind } from '../verdict.ts'
import type { Exchange } from './exchange.ts'

/** What can be seen only where it is known which session each cookie names. */
export const sessionKinds = [
  /** A logout had resolved, and what it ended is there again, under the id that a login had given it. */
  'logout-undone',
  /** A backend that knew of the end served data of the session. */
  'served-after-logout',
  /** A logout could not reach the store, and this backend went on serving the session. */
  'logout-forgotten',
  /** A logout failed, and the client was left with the session's cookie. */
  'cookie-kept',
  /** A login was refused because another one had been faster. */
  'login-refused',
  /** Two logins were sent, and what the session had held is missing under the id that one of them brought. */
  'login-lost',
  /** A session was given up although its client was active and had not ended it. */
  'session-lost',
  /** A request that was overtaken by a login brought a cookie that takes the place of the login's. */
  'third-cookie',
  /** The holder of an old id sees what was stored after the session had left it. */
  'forked',
  /** A request was refused, and nobody had done anything that could be a reason. */
  'refused',
  'no-answer',
  'crash',
] as const

export type FindingKind = ViolationKind | (typeof sessionKinds)[number]

export interface Finding extends Omit<Violation, 'kind'> {
  readonly kind: FindingKind
}

/** A finding about whole requests. */
export function finding(
  kind: FindingKind,
  why: string,
  about: readonly (Exchange | undefined)[],
  excuse?: Excuse,
): Finding {
  return { kind, why, excuse, witnesses: about.flatMap((one): Op[] => (one?.ops[0] ? [one.ops[0]] : [])) }
}
