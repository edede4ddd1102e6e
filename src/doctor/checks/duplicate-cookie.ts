import { type Finding, numbersOf } from '../findings.ts'
import { answered, kept, type Observations } from '../observations.ts'

/** Two cookies of one name in one answer, or in one request: which one counts depends on who reads them. */
export function duplicateCookie(seen: Observations): readonly Finding[] {
  const found = new Map<string, { exchange: { number: number }; given: boolean }[]>()
  for (const exchange of answered(seen)) {
    const given = repeated(kept(exchange))
    for (const name of new Set([...given, ...repeated(exchange.sent)])) {
      const all = found.get(name) ?? []
      found.set(name, all)
      all.push({ exchange, given: given.includes(name) })
    }
  }
  return [...found].map(([name, all]) => ({
    id: 'duplicate-cookie',
    level: 'warning',
    args: { name, given: all.some(({ given }) => given) },
    evidence: numbersOf(all.map(({ exchange }) => exchange)).slice(0, 3),
  }))
}

function repeated(cookies: readonly { readonly name: string }[]): readonly string[] {
  const names = cookies.map(({ name }) => name)
  return names.filter((name, at) => names.indexOf(name) !== at)
}
