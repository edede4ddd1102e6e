import { type Finding, numbersOf } from '../findings.ts'
import { answered, type Observations } from '../observations.ts'
import { type Affinity, balancerCookies, valueIn, valueSent } from '../wire/affinity.ts'

/** Two balancers keep clients, each with its own cookie; they fight where one moves a client that the other holds. */
export function twoAffinityCookies(seen: Observations): readonly Finding[] {
  const cookies = balancerCookies(seen)
  const products = [...new Set(cookies.map(({ product }) => product))]
  if (products.length < 2) return []
  const moving = cookies.filter((cookie) => isMoved(seen, cookie))
  const level = moving.length > 0 ? 'error' : 'warning'
  const names = cookies.map(({ name }) => name)
  const first = cookies.map(({ name }) => answered(seen).find((exchange) => valueIn(exchange, name) !== undefined))
  const evidence = [...new Set(numbersOf(first.flatMap((exchange) => exchange ?? [])))]
  return [{ id: 'two-affinity-cookies', level, args: { names, products, moving: moving.map((c) => c.name) }, evidence }]
}

function isMoved(seen: Observations, { name, key }: Affinity): boolean {
  return answered(seen).some((exchange) => {
    const [sent, given] = [key(valueSent(exchange, name) ?? ''), key(valueIn(exchange, name) ?? '')]
    return Boolean(sent) && Boolean(given) && sent !== given && exchange.idle === 0
  })
}
