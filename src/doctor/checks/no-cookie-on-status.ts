import { type Finding, type FindingId, numbersOf } from '../findings.ts'
import { answered, type Exchange, isRedirect, type Observations } from '../observations.ts'
import { balancerCookies, gives, holds } from '../wire/affinity.ts'
import { levelOf } from './level.ts'

/** The article's third cause, and its like: answers of this kind give a new client no cookie, others do. */
function withoutCookie(
  id: FindingId,
  isOfThatKind: (exchange: Exchange) => boolean,
): (seen: Observations) => readonly Finding[] {
  return (seen) => {
    const level = levelOf(seen)
    return balancerCookies(seen).flatMap((cookie): readonly Finding[] => {
      const own = [cookie]
      const without = answered(seen).filter((exchange) => !holds(exchange, own) && exchange.probe !== 'upgrade')
      const good = without.filter((exchange) => exchange.status < 300 && gives(exchange, own))
      const bare = without.filter((exchange) => isOfThatKind(exchange) && !gives(exchange, own))
      if (good.length === 0 || bare.length === 0) return []
      const statuses = [...new Set(bare.map(({ status }) => String(status)))].sort()
      const evidence = numbersOf([...bare, ...good.slice(0, 1)])
      return [{ id, level, args: { statuses, name: cookie.name }, evidence }]
    })
  }
}

/** 429 is an answer to the doctor's own haste, and often that of a proxy. */
export const noCookieOn4xx = withoutCookie(
  'no-cookie-on-4xx',
  ({ status }) => status >= 400 && status < 500 && status !== 429,
)
export const noCookieOn5xx = withoutCookie('no-cookie-on-5xx', ({ status }) => status >= 500)
export const noCookieOnRedirect = withoutCookie('no-cookie-on-redirect', isRedirect)
