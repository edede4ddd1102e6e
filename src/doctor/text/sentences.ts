import { printed } from '../../core/printed.ts'
import type { Finding, FindingId } from '../findings.ts'
import { AFFINITY_WORDS } from './affinity-words.ts'
import { COOKIE_WORDS } from './cookie-words.ts'
import type { Args, Words } from './words.ts'

export interface Explained {
  /** The number of the cause in the article that limpet answers; undefined: it has none. */
  readonly cause: number | undefined
  readonly title: string
  readonly text: string
  readonly repair: string
}

const WORDS: Readonly<Record<FindingId, Words>> = { ...AFFINITY_WORDS, ...COOKIE_WORDS }

/** The words for a finding. What the site has sent is made harmless to terminals. */
export function explain({ id, args }: Pick<Finding, 'id' | 'args'>): Explained {
  const { cause, title, text, repair } = WORDS[id]
  return { cause, title, text: text(harmless(args)), repair }
}

function harmless(args: Args): Args {
  const one = (value: unknown) => (typeof value === 'string' ? printed(value, 80) : value)
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [key, Array.isArray(value) ? value.map(one) : one(value)]),
  ) as Args
}
