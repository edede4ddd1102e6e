import { type Finding, numbersOf } from '../findings.ts'
import type { Observations } from '../observations.ts'
import { moves, plainMoves } from '../wire/moves.ts'
import { levelOf } from './level.ts'

/** The article's fourth cause. Where the balancer follows no cookie at all, a redirect proves nothing. */
export function affinityChangesOnRedirect(seen: Observations): readonly Finding[] {
  if (plainMoves(seen).length > 0) return []
  const all = moves(seen).filter(({ when }) => when === 'redirect')
  const [first] = all.toSorted((one, other) => Number(other.told === 'answer') - Number(one.told === 'answer'))
  if (!first) return []
  const dropped = seen.exchanges.filter(({ probe }) => probe === 'redirect, its cookie dropped')
  const stays = dropped.length > 0 && !all.some(({ at, told }) => told === 'answer' && dropped.includes(at))
  const args = { from: first.from, to: first.to, told: first.told, staysWithoutIt: stays }
  const shown = all.flatMap(({ after, at }) => (after ? [after, at] : [at]))
  const evidence = [...new Set(numbersOf(shown))]
  return [{ id: 'affinity-changes-on-redirect', level: levelOf(seen, first.told), args, evidence }]
}
