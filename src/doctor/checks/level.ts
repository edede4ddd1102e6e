import type { Level } from '../findings.ts'
import type { Observations } from '../observations.ts'
import { identify } from '../wire/backends.ts'
import { limpetHolds } from '../wire/limpet.ts'
import type { Move } from '../wire/moves.ts'

/**
 * How bad a fault of the balancer's is: nothing is lost where limpet is on every answer. What contents alone tell may
 * be the page's own doing, so it is a warning.
 */
export function levelOf(seen: Observations, told: Move['told'] = 'cookie'): Level {
  if (limpetHolds(seen)) return 'note'
  return told === 'answer' && !identify(seen).isSure ? 'warning' : 'error'
}
