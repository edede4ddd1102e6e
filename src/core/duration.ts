import ms from 'ms'
import { LimpetError } from './errors.ts'

/** Milliseconds, or a string such as `'90s'`, `'15m'`, `'24h'`, `'7d'`. */
export type Duration = number | string

/** Reads a duration in milliseconds. Throws `ERR_LIMPET_OPTIONS` when it is no duration or shorter than `least`. */
export function readDuration(value: unknown, name: string, least: number): number {
  const text = typeof value === 'string' ? value.trim() : ''
  const parsed = typeof value === 'number' ? value : text === '' ? Number.NaN : ms(text as ms.StringValue)
  if (typeof parsed !== 'number' || !Number.isFinite(parsed) || parsed < least) {
    throw new LimpetError(
      'ERR_LIMPET_OPTIONS',
      `${name} must be a duration of at least ${ms(least)}, in milliseconds or like '30m', '24h', '7d'; got ${describe(value)}`,
    )
  }
  return Math.round(parsed)
}

/** Names a wrong value in an error text, without printing what could be long or secret. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return value.length > 40 ? `a string of ${value.length} characters` : `'${value}'`
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
