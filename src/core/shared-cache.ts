/**
 * May a shared cache store this response and hand it to somebody else? Read from Cache-Control (RFC 9111 section 5.2.2)
 * and from the targeted fields, one or several, that only shared caches obey (RFC 9213; Surrogate-Control before it).
 * Each field speaks to other caches, so one that allows it is enough.
 */
export function sharedCacheMayReuse(
  cacheControl: string | undefined,
  targeted: string | readonly string[] | undefined,
): boolean {
  if (typeof targeted === 'string' ? targetMayReuse(targeted) : targeted?.some(targetMayReuse)) return true
  if (cacheControl === undefined || FORBIDDEN.test(cacheControl)) return false
  // For a shared cache s-maxage is the lifetime, whatever max-age says.
  if (S_MAXAGE.test(cacheControl)) return SHARED_FOR_A_WHILE.test(cacheControl)
  return PUBLIC.test(cacheControl) && FOR_A_WHILE.test(cacheControl)
}

/**
 * Is this field, its name in small letters, one that only shared caches obey? By its ending, as RFC 9213 section 2 has
 * it.
 */
export function isTargeted(name: string): boolean {
  return name.endsWith('-cache-control') || name === 'surrogate-control'
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
 * Would a shared cache store a response that carries our cookie and says this? One that speaks to shared caches
 * (`public`, `s-maxage`, though another word may contradict it), or that is fresh, or usable when stale (RFC 5861), for
 * a while and does not say whose it is: a Set-Cookie field keeps no cache from storing it (RFC 9111 sections 3 and
 * 7.3). `madePrivate` mends it.
 */
export function sharedCacheMayStore(cacheControl: string): boolean {
  if (PUBLIC.test(cacheControl) || S_MAXAGE.test(cacheControl)) return true
  return (FOR_A_WHILE.test(cacheControl) || STALE_FOR_A_WHILE.test(cacheControl)) && !FORBIDDEN.test(cacheControl)
}

/**
 * Would a shared cache store it because of its Expires? Only where Cache-Control neither says how long it is fresh (RFC
 * 9111 section 5.3) nor forbids it; undefined: there is none. `now`: milliseconds since 1970. `madePrivate` mends it
 * too.
 */
export function sharedCacheMayStoreUntil(expires: string, cacheControl: string | undefined, now: number): boolean {
  // What is no date is a time in the past (the same section), and NaN is later than nothing.
  if (!(Date.parse(expires) > now)) return false
  return cacheControl === undefined || !(FORBIDDEN.test(cacheControl) || EXPLICIT.test(cacheControl))
}

/** Without a lifetime `public` lets the cache choose one. */
function targetMayReuse(field: string): boolean {
  if (FORBIDDEN.test(field)) return false
  if (FOR_A_WHILE.test(field) || SHARED_FOR_A_WHILE.test(field) || STALE_FOR_A_WHILE.test(field)) return true
  return PUBLIC.test(field) && !EXPLICIT.test(field)
}

const PUBLIC = /(?:^|,)\s*public\s*(?:,|$)/i
/** With names of fields, `private="x-user"`, it forbids those fields alone. */
const FORBIDDEN = /(?:^|,)\s*(?:private|no-store)\s*(?:,|$)/i
const S_MAXAGE = /(?:^|,)\s*s-maxage\s*=/i
/** Says how long, or that each use has to be asked for. */
const EXPLICIT = /(?:^|,)\s*(?:(?:s-maxage|max-age)\s*=|no-cache\s*(?:,|$))/i
// A lifetime that is no number counts as none (RFC 9111 section 4.2.1); of two that contradict each other the longer
// one counts here.
const FOR_A_WHILE = /(?:^|,)\s*max-age\s*=\s*"?0*[1-9]/i
const SHARED_FOR_A_WHILE = /(?:^|,)\s*s-maxage\s*=\s*"?0*[1-9]/i
const STALE_FOR_A_WHILE = /(?:^|,)\s*stale-(?:while-revalidate|if-error)\s*=\s*"?0*[1-9]/i
