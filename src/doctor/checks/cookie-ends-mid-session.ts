import { type Finding, numbersOf } from '../findings.ts'
import { answered, kept, type Observations } from '../observations.ts'
import { affinityCookies, valueIn, valueSent } from '../wire/affinity.ts'
import { lifetimeOf } from '../wire/set-cookie.ts'

/** Seconds. Nobody uses a site for longer without a pause. */
const A_DAY = 86_400

/** How often the cookie has to come back without a new one, before it counts as never renewed. */
const ENOUGH = 3

/** A cookie with an end that no later answer puts off: it ends in the middle of a visit. */
export function cookieEndsMidSession(seen: Observations): readonly Finding[] {
  return affinityCookies(seen).flatMap(({ name }): Finding[] => {
    const given = answered(seen).flatMap((exchange) =>
      kept(exchange).flatMap((cookie) => (cookie.name === name ? (lifetimeOf(cookie, exchange.at) ?? []) : [])),
    )
    const seconds = given.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY)
    if (given.length === 0 || seconds >= A_DAY) return []
    const back = answered(seen).filter((exchange) => {
      const isGood = exchange.status < 400 && exchange.probe !== 'upgrade'
      return isGood && valueSent(exchange, name) !== undefined
    })
    if (back.length < ENOUGH || back.some((exchange) => valueIn(exchange, name) !== undefined)) return []
    const evidence = numbersOf(back).slice(0, ENOUGH)
    return [{ id: 'cookie-ends-mid-session', level: 'warning', args: { name, seconds }, evidence }]
  })
}
