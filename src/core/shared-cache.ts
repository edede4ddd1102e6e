/**
 * May a shared cache store this response and hand it to somebody else? Read from Cache-Control (RFC 9111 section 5.2.2) and from the
 * targeted fields that only shared caches obey (RFC 9213; Surrogate-Control before it).
 */
export function sharedCacheMayReuse(cacheControl: string | undefined, targeted: string | undefined): boolean {
  if (targeted !== undefined && Math.max(seconds(targeted, 'max-age'), seconds(targeted, 's-maxage')) > 0)
    return !/\b(private|no-store)\b/i.test(targeted)
  if (cacheControl === undefined || /(^|,)\s*no-store\s*(,|$)/i.test(cacheControl)) return false
  if (/(^|,)\s*s-maxage\s*=/i.test(cacheControl)) return true
  return isPublic(cacheControl) && seconds(cacheControl, 'max-age') > 0
}

/** The same directives for the client's own cache alone: `public` and `s-maxage` go, `private` comes first. */
export function madePrivate(cacheControl: string): string {
  const kept = cacheControl
    .split(',')
    .map((directive) => directive.trim())
    .filter((directive) => directive !== '' && !/^(public|private|s-maxage\s*=.*)$/i.test(directive))
  return ['private', ...kept].join(', ')
}

/**
 * Would a shared cache store this response, with our cookie in it, unless it said `private`? One that says `public`, or that is fresh for
 * a while and does not say whose it is: a Set-Cookie field keeps no cache from storing it (RFC 9111 sections 3 and 7.3).
 */
export function sharedCacheMayStore(cacheControl: string): boolean {
  if (isPublic(cacheControl)) return true
  return seconds(cacheControl, 'max-age') > 0 && !/(^|,)\s*(private|no-store)\s*(,|=|$)/i.test(cacheControl)
}

function isPublic(cacheControl: string): boolean {
  return /(^|,)\s*public\s*(,|$)/i.test(cacheControl)
}

function seconds(header: string, directive: string): number {
  const found = new RegExp(`(?:^|,)\\s*${directive}\\s*=\\s*"?(\\d+)`, 'i').exec(header)
  return found ? Number(found[1]) : 0
}
