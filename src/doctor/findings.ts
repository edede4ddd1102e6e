import type { Observations } from './observations.ts'

export type Level = 'error' | 'warning' | 'note'

export type FindingId =
  | 'no-affinity-cookie'
  | 'timeout-too-low'
  | 'no-cookie-on-4xx'
  | 'no-cookie-on-5xx'
  | 'affinity-changes-on-redirect'
  | 'no-cookie-on-redirect'
  | 'backend-changes'
  | 'cannot-tell-backend'
  | 'one-backend'
  | 'parallel-first-requests'
  | 'two-affinity-cookies'
  | 'address-disclosed'
  | 'secure-missing'
  | 'samesite-none-without-secure'
  | 'cookie-not-returned'
  | 'duplicate-cookie'
  | 'cookie-ends-mid-session'
  | 'cookie-in-shared-cache'
  | 'cookie-too-big'
  | 'limpet-missing'
  | 'limpet-secrets-differ'
  | 'limpet-session-changes'
  | 'limpet-clocks-differ'
  | 'upgrade-refused'
  | 'upgrade-other-backend'

/** What a check found. It is data: `text/sentences.ts` has the words. */
export interface Finding {
  readonly id: FindingId
  readonly level: Level
  /** What the sentence needs: names, values, counts. Much of it was sent by the site: print it with care. */
  readonly args: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /** Numbers of the exchanges that show it. */
  readonly evidence: readonly number[]
}

/** Pure: the same observations give the same findings. */
export type Check = (seen: Observations) => readonly Finding[]

/** The numbers of exchanges, for `evidence`. */
export function numbersOf(exchanges: readonly { readonly number: number }[]): readonly number[] {
  return exchanges.map(({ number }) => number)
}
