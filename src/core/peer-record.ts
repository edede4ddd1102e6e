import { type PurposeKeys, SIGNATURE_LENGTH } from './purpose-keys.ts'
import { BACKEND_ID, BOOT_ID_LENGTH } from './token.ts'

/**
 * `draining`: it is about to end, and gives its sessions up; what it still owns may come. `leaving`: nothing more may
 * come, and whoever gets the next request of a session becomes its owner.
 */
export type Phase = 'serving' | 'draining' | 'leaving'

/** By the number that stands for them. */
const PHASES: readonly Phase[] = ['serving', 'draining', 'leaving']

/** A backend as it announces itself to its peers. */
export interface PeerRecord {
  readonly boot: string
  readonly id: string
  /** Where peers reach it; undefined: nowhere. */
  readonly url: string | undefined
  /** What its hint says to the load balancer; undefined: it has none. */
  readonly hint: string | undefined
  /** Milliseconds since 1970. */
  readonly started: number
  readonly phase: Phase
}

/**
 * The text that stands in the registry. Signed, so that whoever can write there cannot have requests sent to an address
 * of theirs.
 */
export function writeRecord(record: PeerRecord, keys: PurposeKeys): string {
  const { boot, id, url = '', started, phase, hint = '' } = record
  const text = JSON.stringify([boot, id, url, started, PHASES.indexOf(phase), hint])
  return keys.sign(text) + text
}

/** Undefined: no backend with one of our secrets has written it. Never throws. */
export function readRecord(value: string, keys: PurposeKeys): PeerRecord | undefined {
  const text = value.slice(SIGNATURE_LENGTH)
  if (!keys.verifies(text, value.slice(0, SIGNATURE_LENGTH))) return undefined
  const [boot, id, url, started, number, hint] = parse(text)
  if (typeof boot !== 'string' || boot.length !== BOOT_ID_LENGTH) return undefined
  if (typeof id !== 'string' || !BACKEND_ID.test(id) || typeof url !== 'string') return undefined
  const phase = PHASES[Number(number)]
  const named = typeof hint === 'string' && hint !== '' ? hint : undefined
  return phase && { boot, id, url: url || undefined, started: Number(started), phase, hint: named }
}

function parse(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
