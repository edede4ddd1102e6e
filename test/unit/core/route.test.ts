import { describe, expect, it } from 'vitest'
import { type RouteFacts, route } from '../../../src/core/route.ts'

const FACTS: RouteFacts = { policy: 'forward', owner: 'alive', by: 'cookie', passedOn: false, hasStored: true }

/** What differs from FACTS, and what is to be done. */
const ROWS: readonly (readonly [string, Partial<RouteFacts>, string])[] = [
  ['the owner is alive', {}, 'forward'],
  ['the owner drains, and sessions at home still reach it', { owner: 'draining' }, 'forward'],
  ['replay', { policy: 'replay' }, 'replay'],
  ['reject', { policy: { reject: 421 } }, 'reject'],
  ['the policy is to serve', { policy: 'serve' }, 'serve here'],
  ['the policy is to serve, and the owner is gone', { policy: 'serve', owner: 'gone' }, 'serve here'],
  ['it is at home', { owner: 'here' }, 'serve here'],
  ['an id of ours, and a session from elsewhere', { owner: 'here', by: 'carrier' }, 'serve there'],
  ['nobody has heard of the owner', { owner: 'unknown' }, 'ask'],
  ['the owner is gone', { owner: 'gone' }, 'adopt'],
  ['the owner is gone, and nothing was stored', { owner: 'gone', hasStored: false }, 'serve now'],
  ['the owner has given it up', { owner: 'nobody' }, 'serve now'],
  ['the registry is away', { owner: 'away' }, 'serve there'],
  ['an id whose owner is gone', { owner: 'gone', by: 'carrier' }, 'serve there'],
  ['an id that is none of ours', { owner: 'nobody', by: 'carrier' }, 'serve there'],
  ['a peer has passed it on', { passedOn: true }, 'serve there'],
  ['a peer has passed it on, and the owner is gone', { passedOn: true, owner: 'gone' }, 'adopt'],
  ['a peer has passed it on, and nobody has heard of the owner', { passedOn: true, owner: 'unknown' }, 'ask'],
  ['the same of an id', { passedOn: true, owner: 'unknown', by: 'carrier' }, 'serve there'],
  ['a peer has passed it on, and the policy is to reject', { passedOn: true, policy: { reject: 421 } }, 'serve there'],
]

describe('the route of a request (law 8)', () => {
  it.each(ROWS)('%s', (_name, facts, wanted) => {
    const found = route({ ...FACTS, ...facts })
    expect(found.kind === 'serve' ? `serve ${found.signs}` : found.kind).toBe(wanted)
  })
})
