import { LimpetError } from '../core/errors.ts'
import { describe } from './duration.ts'

/** Bytes that the path of a unix socket may have on the systems that allow least (macOS 104, with its end). */
const LONGEST_PATH = 103

/**
 * Where peers reach this backend: an origin, `unix:/path`, or `unix` for a socket that limpet opens itself. Undefined:
 * nowhere.
 */
export function readBackendUrl(url: unknown): string | undefined {
  if (url === undefined) return undefined
  if (typeof url !== 'string') throw wrong(describe(url))
  if (url === 'unix') return url
  if (url.startsWith('unix:')) {
    const path = url.slice('unix:'.length)
    if (!path.startsWith('/')) throw wrong(`'${url}', whose path does not begin with "/"`)
    if (Buffer.byteLength(path) > LONGEST_PATH) throw wrong(`a unix socket's path of more than ${LONGEST_PATH} bytes`)
    return url
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') throw wrong(`'${url}'`)
  if (parsed.username !== '' || parsed.password !== '') throw wrong('one with a user or a password')
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '')
    throw wrong(`'${url}', which has more than an origin`)
  if (parsed.hostname === '0.0.0.0' || parsed.hostname === '[::]')
    throw wrong(`'${url}', at which a process listens but which nobody can reach`)
  return parsed.origin
}

function wrong(got: string): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_OPTIONS',
    "backend.url is where other backends reach this one: 'http://10.0.0.3:3000', 'https://web1.internal:3000', 'unix:/run/app.sock', or 'unix' " +
      `for a socket of its own, on one host; got ${got}`,
  )
}
