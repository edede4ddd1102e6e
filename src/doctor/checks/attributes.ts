import type { Finding, FindingId, Level } from '../findings.ts'
import { answered, type Exchange, kept, type Observations, type SetCookie } from '../observations.ts'
import { type Affinity, affinityCookies, matters } from '../wire/affinity.ts'

interface Seen {
  readonly exchange: Exchange
  readonly cookie: SetCookie
  readonly cookies: readonly Affinity[]
}

/** One finding for each cookie name that `judge` objects to; what it returns goes into the sentence. */
export function perCookie(
  id: FindingId,
  level: Level,
  judge: (seen: Seen) => Finding['args'] | undefined,
): (seen: Observations) => readonly Finding[] {
  return (seen) => {
    const cookies = affinityCookies(seen)
    const found = new Map<string, { args: Finding['args']; evidence: number[] }>()
    for (const exchange of answered(seen)) {
      for (const cookie of kept(exchange)) {
        const args = judge({ exchange, cookie, cookies })
        if (!args) continue
        const known = found.get(cookie.name) ?? { args: { name: cookie.name, ...args }, evidence: [] }
        if (known.evidence.at(-1) !== exchange.number) known.evidence.push(exchange.number)
        found.set(cookie.name, known)
      }
    }
    return [...found.values()].map(({ args, evidence }) => ({ id, level, args, evidence: evidence.slice(0, 3) }))
  }
}

const isSecure = ({ url }: Exchange) => url.startsWith('https:')

/** On https, a cookie that http would send in the clear. SameSite=None without Secure has a finding of its own. */
export const secureMissing = perCookie('secure-missing', 'warning', ({ exchange, cookie, cookies }) =>
  isSecure(exchange) && !cookie.secure && cookie.sameSite !== 'none' && matters(cookie, cookies) ? {} : undefined,
)

/** Browsers refuse it (RFC 6265bis section 5.7). */
export const sameSiteNoneWithoutSecure = perCookie('samesite-none-without-secure', 'error', ({ cookie }) =>
  cookie.sameSite === 'none' && !cookie.secure ? {} : undefined,
)

/** Bytes of name and value that browsers take. */
const MOST = 4096

export const cookieTooBig = perCookie('cookie-too-big', 'error', ({ cookie }) =>
  cookie.bytes > MOST ? { bytes: cookie.bytes } : undefined,
)
