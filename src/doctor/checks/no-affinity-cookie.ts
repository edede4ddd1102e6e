import { type Finding, numbersOf } from '../findings.ts'
import { answered, type Observations } from '../observations.ts'
import { affinityCookies } from '../wire/affinity.ts'
import { identify } from '../wire/backends.ts'
import { histories } from '../wire/moves.ts'
import { levelOf } from './level.ts'

/**
 * The article's first cause. An error where a client is seen to wander; a warning where nothing tells the backends
 * apart; a note where several backends were seen and each client stayed, as with an affinity to its address.
 */
export function noAffinityCookie(seen: Observations): readonly Finding[] {
  const all = answered(seen)
  if (all.length === 0 || affinityCookies(seen).length > 0) return []
  const { source, of, only } = identify(seen)
  const wandered = histories(seen).flatMap((history) =>
    history.filter((exchange, at) => {
      const [before, now] = [history[at - 1] && of(history[at - 1] ?? exchange), of(exchange)]
      return before !== undefined && now !== undefined && before !== now
    }),
  )
  const isKnown = source !== undefined || only !== undefined
  const level = wandered.length > 0 ? levelOf(seen, 'answer') : isKnown ? 'note' : 'warning'
  const shown = wandered.length > 0 ? wandered : all.slice(0, 3)
  const args = { moves: wandered.length, source: source ?? '', only: only ?? '' }
  return [{ id: 'no-affinity-cookie', level, args, evidence: numbersOf(shown) }]
}
