import { type Finding, numbersOf } from '../findings.ts'
import { answered, type Exchange, kept, type Observations } from '../observations.ts'
import { type Affinity, affinityCookies, holds } from '../wire/affinity.ts'
import { histories, moves, plainMoves } from '../wire/moves.ts'
import { lifetimeOf } from '../wire/set-cookie.ts'
import { levelOf } from './level.ts'

/** Seconds. Somebody reads a page, or fills in a form, for as long. */
const TOO_LOW = 300
/** Seconds. Enough for most, and less than what the balancers' makers set. */
const LOW = 900

/** The article's second cause: by the cookie's lifetime, or seen after a pause. */
export function timeoutTooLow(seen: Observations): readonly Finding[] {
  return [...byLifetime(seen), ...byWait(seen)].slice(0, 1)
}

function byLifetime(seen: Observations): readonly Finding[] {
  const cookies = affinityCookies(seen)
  const lived = answered(seen).flatMap((exchange) =>
    kept(exchange).flatMap((cookie) => {
      const seconds = lifetimeOf(cookie, exchange.at)
      const isOne = cookies.some(({ name }) => name === cookie.name)
      return isOne && seconds !== undefined && seconds < LOW ? [{ exchange, name: cookie.name, seconds }] : []
    }),
  )
  const [shortest] = lived.toSorted((one, other) => one.seconds - other.seconds)
  if (!shortest) return []
  const { name, seconds } = shortest
  const evidence = numbersOf(lived.filter((one) => one.name === name).map(({ exchange }) => exchange)).slice(0, 3)
  const level = seconds < TOO_LOW ? 'error' : 'warning'
  return [{ id: 'timeout-too-low', level, args: { name, seconds }, evidence }]
}

function byWait(seen: Observations): readonly Finding[] {
  if (plainMoves(seen).length > 0) return []
  const cookies = affinityCookies(seen)
  const moved = moves(seen).filter(({ when }) => when === 'wait')
  const at = moved[0]?.at ?? lostWhileWaiting(seen, cookies)
  if (!at) return []
  const args = { waited: Math.round(at.idle / 1000), from: moved[0]?.from ?? '', to: moved[0]?.to ?? '' }
  const level = levelOf(seen, moved[0]?.told)
  return [{ id: 'timeout-too-low', level, args, evidence: [at.number] }]
}

/** The browser itself had let the cookie go. */
function lostWhileWaiting(seen: Observations, cookies: readonly Affinity[]): Exchange | undefined {
  for (const history of histories(seen)) {
    const lost = history.find((exchange, at) => {
      const before = history[at - 1]
      return exchange.idle > 0 && before && holds(before, cookies) && !holds(exchange, cookies)
    })
    if (lost) return lost
  }
  return undefined
}
