import { type Finding, numbersOf } from '../findings.ts'
import { answered, type Observations } from '../observations.ts'
import { affinityCookies, balancerCookies, valueIn } from '../wire/affinity.ts'
import { identify } from '../wire/backends.ts'

/** Whether anything tells the backends apart: if not, nobody can see a client wander. */
export function cannotTellBackend(seen: Observations): readonly Finding[] {
  const { source, only } = identify(seen)
  if (source !== undefined || only !== undefined || answered(seen).length === 0) return []
  // Without any affinity cookie that is said there.
  const cookies = affinityCookies(seen)
  // In a recording one client is all there is, and it stays with one backend.
  if (cookies.length === 0 || keysSeen(seen) > (seen.from === 'probes' ? 1 : 0)) return []
  return [{ id: 'cannot-tell-backend', level: 'note', args: { names: cookies.map(({ name }) => name) }, evidence: [] }]
}

/** One backend alone answered: there was nothing to see. */
export function oneBackend(seen: Observations): readonly Finding[] {
  const { only } = identify(seen)
  if (only === undefined || keysSeen(seen) > 1 || seen.from === 'recording') return []
  const evidence = numbersOf(answered(seen).slice(0, 3))
  return [{ id: 'one-backend', level: 'note', args: { only, requests: answered(seen).length }, evidence }]
}

/** How many backends a cookie of the balancer's has named: that one which named most. */
function keysSeen(seen: Observations): number {
  const counts = balancerCookies(seen).map((cookie) => {
    const values = answered(seen).flatMap((exchange) => valueIn(exchange, cookie.name) ?? [])
    return new Set(values.flatMap((value) => cookie.key(value) ?? [])).size
  })
  return Math.max(0, ...counts)
}
