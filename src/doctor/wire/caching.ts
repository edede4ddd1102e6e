import { type Exchange, fields } from '../observations.ts'

/**
 * May a shared cache store this answer and give it to somebody else? `told`: it is asked to (public, s-maxage);
 * `allowed`: nothing forbids it, and it says how long it is fresh (RFC 9111 section 3).
 */
export function sharedCaching(exchange: Exchange): 'told' | 'allowed' | 'no' {
  if (!['GET', 'HEAD'].includes(exchange.method) || exchange.status === 0 || exchange.status === 304) return 'no'
  const directives = new Map<string, string>()
  for (const part of fields(exchange, 'cache-control').join(',').split(',')) {
    const [name = '', value = ''] = part.split('=', 2)
    directives.set(name.trim().toLowerCase(), value.replace(/["\s]/g, ''))
  }
  if (directives.has('private') || directives.has('no-store')) return 'no'
  if (isPositive(directives.get('s-maxage'))) return 'told'
  if (directives.has('s-maxage')) return 'no'
  const fresh = isPositive(directives.get('max-age')) || (!directives.has('max-age') && expiresLater(exchange))
  if (!fresh || directives.has('no-cache')) return 'no'
  return directives.has('public') ? 'told' : 'allowed'
}

function isPositive(seconds: string | undefined): boolean {
  return Number.parseInt(seconds ?? '', 10) > 0
}

function expiresLater(exchange: Exchange): boolean {
  return Date.parse(fields(exchange, 'expires')[0] ?? '') > exchange.at + 1000
}
