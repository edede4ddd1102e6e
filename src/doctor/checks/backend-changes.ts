import { type Finding, numbersOf } from '../findings.ts'
import type { Observations } from '../observations.ts'
import { decisiveCookies } from '../wire/affinity.ts'
import { identify } from '../wire/backends.ts'
import { limpetHolds } from '../wire/limpet.ts'
import { plainMoves } from '../wire/moves.ts'
import { levelOf } from './level.ts'

/** The cookie came back, and another backend answered. With limpet that is no loss. */
export function backendChanges(seen: Observations): readonly Finding[] {
  const all = plainMoves(seen)
  const [first] = all
  if (!first) return []
  const source = first.told === 'answer' ? (identify(seen).source ?? '') : "the balancer's own cookie"
  const names = decisiveCookies(seen).map(({ name }) => name)
  const args = { moves: all.length, source, from: first.from, to: first.to, names, limpet: limpetHolds(seen) }
  const evidence = numbersOf(all.map(({ at }) => at))
  return [{ id: 'backend-changes', level: levelOf(seen, first.told), args, evidence }]
}
