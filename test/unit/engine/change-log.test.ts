import { describe, expect, it } from 'vitest'
import { ChangeLog } from '../../../src/engine/process/change-log.ts'

describe('what changed, and in which order', () => {
  it('knows of a change after a point in the order, and only then', () => {
    const log = new ChangeLog(10)
    const before = log.order
    log.mark('a')
    const after = log.order
    expect(log.changedAfter('a', before)).toBe(true)
    expect(log.changedAfter('a', after)).toBe(false)
    expect(log.changedAfter('b', before)).toBe(false)
  })

  it('keeps the last of several changes', () => {
    const log = new ChangeLog(10)
    log.mark('a')
    const between = log.order
    log.mark('a')
    expect(log.changedAfter('a', between)).toBe(true)
  })

  it('knows which sessions it has heard of', () => {
    const log = new ChangeLog(10)
    expect(log.isKnown('a')).toBe(false)
    log.mark('a')
    expect(log.isKnown('a')).toBe(true)
  })

  it('counts an end as a change too', () => {
    const log = new ChangeLog(10)
    const before = log.order
    log.markEnded('a', 'destroyed', 1000)
    expect(log.endOf('a')).toEqual({ end: 'destroyed', at: 1000 })
    expect(log.endOf('b')).toBeUndefined()
    expect(log.changedAfter('a', before)).toBe(true)
    expect(log.isKnown('a')).toBe(true)
  })

  it('is bounded: the oldest marks go, the order goes on', () => {
    const log = new ChangeLog(2)
    for (const id of ['a', 'b', 'c']) log.markEnded(id, 'destroyed', 1000)
    expect(['a', 'b', 'c'].map((id) => log.isKnown(id))).toEqual([false, true, true])
    expect(['a', 'b', 'c'].map((id) => log.endOf(id) !== undefined)).toEqual([false, true, true])
    expect(log.order).toBe(3)
  })
})

describe('an end', () => {
  it('is still known after any number of changes that are told later', () => {
    const log = new ChangeLog(10)
    log.markEnded('a', 'destroyed', 1000)
    for (let i = 0; i < 100; i++) log.mark(`${i % 20}`)
    log.mark('a')
    expect(log.endOf('a')).toEqual({ end: 'destroyed', at: 1000 })
  })

  it.each([
    ['destroyed', 'destroyed'],
    ['moved', 'moved'],
    ['destroyed', 'moved'],
  ] as const)('never gets younger: %s, and told again as %s', (first, again) => {
    const log = new ChangeLog(10)
    log.markEnded('a', first, 1000)
    log.markEnded('a', again, 9000)
    expect(log.endOf('a')).toEqual({ end: first, at: 1000 })
  })

  it('of a session that moved becomes a logout when it is destroyed, and stays one', () => {
    const log = new ChangeLog(10)
    log.markEnded('a', 'moved', 1000)
    log.markEnded('a', 'destroyed', 5000)
    expect(log.endOf('a')).toEqual({ end: 'destroyed', at: 5000 })
    log.markEnded('a', 'moved', 9000)
    expect(log.endOf('a')).toEqual({ end: 'destroyed', at: 5000 })
  })

  it('that is told again counts as a change all the same', () => {
    const log = new ChangeLog(10)
    log.markEnded('a', 'destroyed', 1000)
    const between = log.order
    log.markEnded('a', 'destroyed', 1000)
    expect(log.changedAfter('a', between)).toBe(true)
  })
})
