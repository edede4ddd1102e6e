import { describe, expect, it } from 'vitest'
import type { Token } from '../../../src/core/token.ts'
import { TouchSchedule } from '../../../src/engine/process/touch-schedule.ts'
import { deferred } from '../support/backend.ts'

const NOW = 1_800_000_000_000
const HOUR = 3_600_000
const TENTH = HOUR / 10
const tokenOf = (changes: Partial<Token> = {}): Token => ({
  id: 'session-session-session-',
  owner: 'here',
  boot: 'bootboot',
  version: 1,
  createdAt: NOW,
  touchedAt: NOW,
  issuedAt: NOW,
  lifetime: undefined,
  pendingFrom: undefined,
  ...changes,
})

function scheduled(max = 10) {
  const at = { now: NOW }
  const touches = new TouchSchedule({ idle: HOUR, absolute: undefined }, () => at.now, max)
  return { at, touches }
}

describe('the lifetime of stored data', () => {
  it('is to be renewed after a tenth of the idle timeout, and not before', () => {
    const { at, touches } = scheduled()
    at.now += TENTH
    expect(touches.isWanted(tokenOf())).toBe(false)
    at.now += 1
    expect(touches.isDue(tokenOf())).toBe(true)
    expect(touches.isWanted(tokenOf())).toBe(true)
  })

  it('is not to be renewed of what was never stored', () => {
    const { touches } = scheduled()
    const token = tokenOf({ version: 0, touchedAt: 0 })
    expect([touches.isDue(token), touches.isWanted(token)]).toEqual([false, false])
  })

  it('was renewed by another request of this backend: due by an old token, and not wanted', () => {
    const { at, touches } = scheduled()
    at.now += TENTH + 1
    touches.done(tokenOf().id)
    expect(touches.doneAt(tokenOf().id)).toBe(at.now)
    expect(touches.isDue(tokenOf())).toBe(true)
    expect(touches.isWanted(tokenOf())).toBe(false)
    at.now += TENTH + 1
    expect(touches.isWanted(tokenOf())).toBe(true)
  })

  it('is renewed by one request at a time, and by the next one when that has failed', async () => {
    const { at, touches } = scheduled()
    at.now += TENTH + 1
    const { id } = tokenOf()
    const answer = deferred()
    const first = touches.run(id, () => answer.promise)
    expect(touches.isWanted(tokenOf())).toBe(false)
    expect(touches.isWanted(tokenOf({ id: 'another-another-another-' }))).toBe(true)
    answer.reject(new Error('down'))
    await expect(first).rejects.toThrow('down')
    expect(touches.isWanted(tokenOf())).toBe(true)
    await touches.run(id, async () => touches.done(id))
    expect(touches.isWanted(tokenOf())).toBe(false)
  })

  it('follows a lifetime of its own', () => {
    const { at, touches } = scheduled()
    at.now += TENTH + 1
    expect(touches.isWanted(tokenOf({ lifetime: 2 * HOUR }))).toBe(false)
    expect(touches.isWanted(tokenOf({ lifetime: HOUR / 2 }))).toBe(true)
  })

  it('is remembered of a bounded number of sessions', () => {
    const { touches } = scheduled(2)
    for (const id of ['a', 'b', 'c']) touches.done(id)
    expect(['a', 'b', 'c'].map((id) => touches.doneAt(id))).toEqual([undefined, NOW, NOW])
  })
})
