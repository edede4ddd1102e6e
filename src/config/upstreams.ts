import { LimpetError } from '../core/errors.ts'
import { describe } from './duration.ts'

/** A backend's id, or how it begins. */
const PATTERN = /^[\w-]{1,64}\*?$/

/** Whose relayed tokens may take the place of ours. */
export function readUpstreams(value: unknown): readonly string[] {
  if (value === undefined) return NONE
  if (!Array.isArray(value))
    throw wrong(`upstreams must be a list, like ['orders1', 'orders2']; got ${describe(value)}`)
  for (const one of value as readonly unknown[]) {
    if (typeof one === 'string' && PATTERN.test(one)) continue
    if (typeof one === 'string' && one.includes(':')) {
      throw wrong(
        "upstreams names the backends of the service by their id, as they stand in its cookie, and not by where they are: give the service backend: { id: 'orders1' }, and write upstreams: ['orders1']",
      )
    }
    throw wrong(
      `upstreams holds ids of backends, or how they begin: 1 to 64 letters, digits, "-" or "_", and "*" for the rest, like 'orders1' or 'orders-*'; got ${describe(one)}`,
    )
  }
  return Object.freeze([...(value as readonly string[])])
}

const NONE: readonly string[] = Object.freeze([])

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
