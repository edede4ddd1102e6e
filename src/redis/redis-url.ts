import { LimpetError } from '../core/errors.ts'

/**
 * Throws when the clients would not take it for a URL of Redis, or take it for another one: ioredis takes `foo` for a
 * host and `http://...` for a file. Whatever it is, it is not printed: it may hold a password.
 */
export function checkRedisUrl(text: string): void {
  const got = wrongIn(text)
  if (got === undefined) return
  throw new LimpetError(
    'ERR_LIMPET_OPTIONS',
    `REDIS_URL must look like redis://host:6379 or rediss://user:password@host:6379/0, got ${got}. For a client of another kind pass ` +
      'sticky({ store: redisStore(client) })',
  )
}

/** An unencoded one of these ends the host, or the password's part before it becomes the host's name. */
const ENCODE = 'a password with any of / ? # % @ in it has to be percent-encoded'

function wrongIn(text: string): string | undefined {
  if (!/^rediss?:\/\//i.test(text)) return 'a text that begins otherwise'
  let url: URL
  try {
    url = new URL(text)
    decodeURIComponent(url.username)
    decodeURIComponent(url.password)
  } catch {
    return `a text that is no URL (a port goes up to 65535, and ${ENCODE})`
  }
  if (url.hostname === '') return 'a URL without a host'
  if (!/^\/?\d*$/.test(url.pathname)) return `a URL whose database is no whole number (or ${ENCODE})`
  if (/[@#]/.test(url.search + url.hash)) return `a URL with more after the host than a database (${ENCODE})`
  return undefined
}
