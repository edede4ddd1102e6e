import { describe } from '../config/duration.ts'
import { checkKeys } from '../config/unknown-keys.ts'
import { LimpetError } from '../core/errors.ts'
import { decodeValue, encodeValue } from '../core/json.ts'
import { printed } from '../core/printed.ts'
import { merge, mergeRules, neverMerges } from './merge.ts'

/**
 * Makes one value of what a request read (`base`), what it made of that (`mine`), and what another has stored meanwhile
 * (`theirs`). Undefined stands for a key that is not there, and as an answer for one that is to go.
 */
export type Resolve = (key: string, base: unknown, mine: unknown, theirs: unknown) => unknown

/**
 * What becomes of a key that two requests changed at once. `'merge'` (default): objects by property, arrays by what
 * both appended, otherwise the later one. `'last'`: the later one. `'reject'`: the later request fails with
 * `ERR_LIMPET_CONFLICT` (409), and nothing of it is stored. Or a function.
 */
export type ConflictPolicy = 'merge' | 'last' | 'reject' | Resolve

export type ConflictOption =
  | ConflictPolicy
  | {
      /** For keys that are not named. Default `'merge'`. */
      readonly default?: ConflictPolicy | undefined
      /** Numbers that add up: `['views', 'stats.clicks']`. */
      readonly counters?: readonly string[] | undefined
      /** For single keys of the session: `{ draft: 'reject' }`. */
      readonly keys?: Readonly<Record<string, ConflictPolicy>> | undefined
    }

/** The text that is to stand there (undefined: none), and where the later one has won over the earlier. */
export interface Settled {
  readonly text: string | undefined
  readonly clashes: readonly string[]
}

export type Settle = (
  key: string,
  base: string | undefined,
  mine: string | undefined,
  theirs: string | undefined,
) => Settled

/** Throws `ERR_LIMPET_OPTIONS`. */
export function readConflict(option: unknown): Settle {
  const isShort = option === undefined || typeof option !== 'object' || option === null
  const long: unknown = isShort ? { default: option } : option
  checkKeys(long, ['default', 'counters', 'keys'], {
    what: 'option of conflict',
    name: 'conflict',
    example: "'merge', or { default: 'merge', counters: ['views'] }",
  })
  const { default: usual = 'merge', counters = [], keys = {} } = long as Exclude<ConflictOption, ConflictPolicy>
  checkPolicy(usual, 'conflict')
  if (!Array.isArray(counters) || counters.some((one) => typeof one !== 'string')) {
    throw wrong(`conflict.counters must be a list of keys, like ['views', 'stats.clicks']; got ${describe(counters)}`)
  }
  checkKeys(keys, Object.keys(Object(keys)), {
    what: 'key',
    name: 'conflict.keys',
    example: "{ draft: 'reject' }",
  })
  const named = new Map(Object.entries(keys as Record<string, ConflictPolicy>))
  for (const [key, policy] of named) checkPolicy(policy, `conflict.keys.${key}`)
  const rules = mergeRules(counters)
  return (key, base, mine, theirs) => {
    if (mine === theirs && !rules.counting.has(key)) return { text: mine, clashes: [] }
    const policy = named.get(key) ?? usual
    if (policy === 'reject') throw rejected(key)
    if (policy === 'last') return { text: mine, clashes: [key] }
    const values = [decodeValue(base), decodeValue(mine), decodeValue(theirs)] as const
    if (policy === 'merge') {
      const { value, clashes } = merge(key, ...values, rules)
      return { text: textOf(key, value), clashes }
    }
    if (neverMerges(key)) return { text: mine, clashes: [key] }
    return { text: textOf(key, policy(key, ...values)), clashes: [] }
  }
}

function textOf(key: string, value: unknown): string | undefined {
  return value === undefined ? undefined : encodeValue(key, value)
}

function checkPolicy(policy: unknown, name: string): void {
  if (policy === 'merge' || policy === 'last' || policy === 'reject' || typeof policy === 'function') return
  throw wrong(
    `${name} must be 'merge', 'last', 'reject' or a function of (key, base, mine, theirs); got ${describe(policy)}`,
  )
}

function rejected(key: string): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_CONFLICT',
    `another request changed '${printed(key)}' of the session meanwhile (conflict: 'reject'): nothing of this one was written. ` +
      'Answer with 409 and let the client try again',
  )
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
