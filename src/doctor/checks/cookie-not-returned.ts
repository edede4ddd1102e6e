import type { SetCookie } from '../observations.ts'
import { matters } from '../wire/affinity.ts'
import { domainMatch, getPublicSuffix, pathMatch } from '../wire/jar.ts'
import { perCookie } from './attributes.ts'

/** A cookie that browsers refuse, or do not send to the page again, with the attribute that keeps it away. */
export const cookieNotReturned = perCookie('cookie-not-returned', 'error', ({ exchange, cookie, cookies }) => {
  // What nobody would miss may have a path of its own.
  if (!matters(cookie, cookies)) return undefined
  const why = obstacle(cookie, new URL(exchange.url))
  return why === undefined ? undefined : { why, url: exchange.url }
})

function obstacle(cookie: SetCookie, { hostname, pathname, protocol }: URL): string | undefined {
  const { domain, path, secure, name } = cookie
  if (domain !== undefined && !domainMatch(hostname, domain)) return `Domain=${domain}`
  if (domain !== undefined && domain !== hostname && isPublicSuffix(domain)) return `Domain=${domain}`
  if (path?.startsWith('/') && !pathMatch(pathname, path)) return `Path=${path}`
  const isLoopback = hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]'
  if (secure && protocol === 'http:' && !isLoopback) return 'Secure'
  return prefixObstacle(name, cookie, protocol)
}

/** RFC 6265bis section 4.1.3. */
function prefixObstacle(name: string, { secure, domain, path }: SetCookie, protocol: string): string | undefined {
  if (/^__(secure|host)-/i.test(name) && (!secure || protocol === 'http:')) return 'its name, which asks for Secure'
  if (/^__host-/i.test(name) && (domain !== undefined || path !== '/')) return 'its name, which asks for Path=/ alone'
  return undefined
}

/** Nobody may set a cookie for all of co.uk. Undefined is what the list has for those. */
function isPublicSuffix(domain: string): boolean {
  try {
    return getPublicSuffix(domain, { ignoreError: true }) == null
  } catch {
    return false
  }
}
