import { isError, LimpetError } from '../../core/errors.ts'
import { printed } from '../../core/printed.ts'

export type PeerName = 'ioredis' | 'redis'

/** What became of loading it. */
export type Attempt = { readonly module: unknown } | { readonly error: unknown }

/** What was loaded; undefined: it is not installed. Throws when it is, and cannot be loaded. */
export function moduleOf(name: PeerName, attempt: Attempt): unknown {
  if ('module' in attempt) return attempt.module
  if (isMissing(name, attempt.error)) return undefined
  throw couldNotLoad(name, attempt.error)
}

/** The package itself, and none that it needs. Node, Jest and the bundlers each have words of their own. */
function isMissing(name: PeerName, error: unknown): boolean {
  if (!isError(error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    /MODULE_NOT_FOUND|could not resolve|cannot find/i.test(`${code} ${error.message}`) && names(error.message, name)
  )
}

/** In quotes, with no path behind it. */
function names(message: string, name: PeerName): boolean {
  const [first = ''] = message.split('\n', 1)
  return ["'", '"'].some((quote) => first.includes(quote + name + quote))
}

export function noClient(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_CLIENT',
    'REDIS_URL is set and no Redis client is installed: "npm install ioredis" (or redis), or pass sticky({ store })',
  )
}

function couldNotLoad(name: PeerName, error: unknown): LimpetError {
  const [why = ''] = (isError(error) ? error.message : String(error)).split('\n', 1)
  return new LimpetError(
    'ERR_LIMPET_CLIENT',
    `REDIS_URL is set and ${name} could not be loaded (${printed(why, 200)}): pass sticky({ store: redisStore(client) }) with a client of your own`,
  )
}
