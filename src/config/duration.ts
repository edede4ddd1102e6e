import ms from 'ms'
import { LimpetError } from '../core/errors.ts'

/** Milliseconds, or a string such as `'90s'`, `'15m'`, `'24h'`, `'7d'`. */
export type Duration = number | string

/**
 * How long a session may live: at most ten years. Its ends fit the token's seven digits and Redis's clock until far
 * beyond that; browsers keep no cookie for longer than 400 days without hearing of it.
 */
export const SESSION_BOUNDS: Bounds = { least: '1s', most: '10y' }

/** What Node's timers can wait for, with some room: from 2^31 ms on they wait 1 ms. */
export const TIMER_BOUNDS: Bounds = { least: '1ms', most: '24d' }

interface Bounds {
  readonly least: ms.StringValue
  readonly most: ms.StringValue
}

/** Reads a duration in milliseconds. Throws `ERR_LIMPET_OPTIONS` when it is no duration, or one out of bounds. */
export function readDuration(value: unknown, name: string, { least, most }: Bounds): number {
  const text = typeof value === 'string' ? value.trim() : ''
  const parsed = typeof value === 'number' ? value : text === '' ? Number.NaN : ms(text as ms.StringValue)
  // Also false for NaN, and for the undefined that ms makes of most other texts.
  if (!(parsed >= ms(least) && parsed <= ms(most))) {
    throw new LimpetError(
      'ERR_LIMPET_OPTIONS',
      `${name} must be a duration of at least ${least} and at most ${most}, in milliseconds or like '30m', '24h', '7d'; got ${describe(value)}`,
    )
  }
  return Math.round(parsed)
}

/**
 * Names a wrong value in an error text, without printing what is long: a secret has 32 bytes or more, and may stand
 * where it does not belong.
 */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return value.length > 31 ? `a string of ${value.length} characters` : `'${value}'`
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
