import { type Finding, numbersOf } from '../findings.ts'
import type { Observations } from '../observations.ts'
import { limpetExchanges, mayLackLimpet } from '../wire/limpet.ts'

/** limpet promises its cookie on every answer; these are without. */
export function limpetMissing(seen: Observations): readonly Finding[] {
  const all = limpetExchanges(seen)
  const without = all.filter(({ exchange, given }) => !given && !mayLackLimpet(exchange))
  const [first] = without
  if (!first) return []
  const statuses = [...new Set(without.map(({ exchange }) => String(exchange.status)))].sort()
  const args = { name: first.name, missing: without.length, of: all.length, statuses }
  return [{ id: 'limpet-missing', level: 'error', args, evidence: numbersOf(without.map((one) => one.exchange)) }]
}
