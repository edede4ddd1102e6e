import { type Finding, numbersOf } from '../findings.ts'
import { answered, kept, type Observations } from '../observations.ts'
import { affinityCookies, matters } from '../wire/affinity.ts'
import { sharedCaching } from '../wire/caching.ts'

/** An answer that a shared cache may store, with a client's own cookie in it. */
export function cookieInSharedCache(seen: Observations): readonly Finding[] {
  const cookies = affinityCookies(seen)
  const bad = answered(seen).flatMap((exchange) => {
    const names = kept(exchange).flatMap((cookie) => (matters(cookie, cookies) ? cookie.name : []))
    const how = sharedCaching(exchange)
    return names.length > 0 && how !== 'no' ? [{ exchange, names, how }] : []
  })
  if (bad.length === 0) return []
  const names = [...new Set(bad.flatMap((one) => one.names))]
  const told = bad.some(({ how }) => how === 'told')
  const evidence = numbersOf(bad.map(({ exchange }) => exchange)).slice(0, 3)
  return [{ id: 'cookie-in-shared-cache', level: told ? 'error' : 'warning', args: { names, told }, evidence }]
}
