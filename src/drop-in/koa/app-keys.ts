import { describe } from '../../config/duration.ts'
import { LimpetError } from '../../core/errors.ts'

const LEAST = 32

/** `app.keys` as secrets. Undefined: there are none. Throws `ERR_LIMPET_OPTIONS` or `ERR_LIMPET_SECRET`. */
export function secretsOf(keys: unknown): readonly string[] | undefined {
  if (keys === undefined || keys === null) return undefined
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== 'string')) {
    throw new LimpetError(
      'ERR_LIMPET_OPTIONS',
      `app.keys must be a list of strings to be used as secrets (a Keygrip does not show its keys); got ${describe(keys)}. ` +
        'Pass session({ secret }, app) beside it',
    )
  }
  for (const [at, key] of keys.entries()) {
    const bytes = Buffer.byteLength(key)
    if (bytes >= LEAST) continue
    throw new LimpetError(
      'ERR_LIMPET_SECRET',
      `app.keys[${at}] has ${bytes} bytes, and sessions are signed with at least ${LEAST}: make one with "openssl rand -base64 32". ` +
        'To leave app.keys to the other cookies, pass session({ secret }, app)',
    )
  }
  return keys.length > 0 ? keys : undefined
}
