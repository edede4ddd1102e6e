import { LimpetError } from '../core/errors.ts'
import { describe } from './duration.ts'

const NAMESPACE = /^[\w.-]{1,64}$/

/** Undefined: none was given, and it is the cookie's name. */
export function readNamespace(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && NAMESPACE.test(value)) return value
  throw new LimpetError(
    'ERR_LIMPET_OPTIONS',
    `namespace must be 1 to 64 letters, digits, "-", "_" or ".", like 'shop'; got ${describe(value)}`,
  )
}
