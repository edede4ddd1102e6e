import type { Op } from '../../history.ts'
import type { Excuse, Violation, ViolationKind } from '../verdict.ts'
import type { Exchange } from './exchange.ts'

/** What can be seen only where it is known which session each cookie names, beside the kinds that all histories have. */
export const sessionKinds = [
  /** A logout could not reach the store, and this backend went on serving the session. */
  'logout-forgotten',
  /** A request that was overtaken by a login brought a cookie that takes the place of the login's. */
  'third-cookie',
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
