import { type Finding, numbersOf } from '../findings.ts'
import { answered, type Observations } from '../observations.ts'
import { decisiveCookies, holdsAll } from '../wire/affinity.ts'
import { identify } from '../wire/backends.ts'
import { plainMoves } from '../wire/moves.ts'
import { levelOf } from './level.ts'

/** The WebSocket handshake was answered with something else. */
export function upgradeRefused(seen: Observations): readonly Finding[] {
  const refused = answered(seen).filter(({ probe, status }) => probe === 'upgrade' && status !== 101)
  if (refused.length === 0) return []
  const statuses = [...new Set(refused.map(({ status }) => String(status)))]
  return [{ id: 'upgrade-refused', level: 'warning', args: { statuses }, evidence: numbersOf(refused) }]
}

/** The WebSocket of a client that holds the cookie went to another backend than its pages. */
export function upgradeOtherBackend(seen: Observations): readonly Finding[] {
  if (plainMoves(seen).length > 0) return []
  const { of } = identify(seen)
  const cookies = decisiveCookies(seen)
  const all = answered(seen)
  const moved = all.flatMap((at) => {
    if (at.probe !== 'upgrade' || at.status !== 101 || !holdsAll(at, cookies)) return []
    const before = all.findLast(({ client, number }) => client === at.client && number < at.number)
    const [from, to] = [before && of(before), of(at)]
    return from !== undefined && to !== undefined && from !== to ? [{ at, from, to }] : []
  })
  const [first] = moved
  if (!first) return []
  const args = { from: first.from, to: first.to }
  const level = levelOf(seen)
  return [{ id: 'upgrade-other-backend', level, args, evidence: numbersOf(moved.map(({ at }) => at)) }]
}
