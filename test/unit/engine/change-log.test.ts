import { describe, expect, it } from 'vitest'
import { Changes } from '../../../src/engine/changes.ts'

describe('what changed, and in which order', () => {
  it('knows of a change after a point in the order, and only then', () => {
    const changes = new Changes(10)
    const before = changes.order
    changes.mark('a')
    const after = changes.order
    expect(changes.changedAfter('a', before)).toBe(true)
    expect(changes.changedAfter('a', after)).toBe(false)
    expect(changes.changedAfter('b', before)).toBe(false)
  })

  it('keeps the last of several changes', () => {
    const changes = new Changes(10)
    changes.mark('a')
    const between = changes.order
    changes.mark('a')
    expect(changes.changedAfter('a', between)).toBe(true)
  })

  it('knows which sessions it has heard of', () => {
    const changes = new Changes(10)
    expect(changes.isKnown('a')).toBe(false)
    changes.mark('a')
    expect(changes.isKnown('a')).toBe(true)
  })

  it('counts a destroyed session as changed too', () => {
    const changes = new Changes(10)
    const before = changes.order
    changes.markDestroyed('a', undefined)
    expect(changes.isDestroyed('a')).toBe(true)
    expect(changes.isDestroyed('b')).toBe(false)
    expect(changes.changedAfter('a', before)).toBe(true)
  })

  it('is bounded: the oldest marks go, the order goes on', () => {
    const changes = new Changes(2)
    for (const id of ['a', 'b', 'c']) changes.markDestroyed(id, undefined)
    expect(['a', 'b', 'c'].map((id) => changes.isKnown(id))).toEqual([false, true, true])
    expect(['a', 'b', 'c'].map((id) => changes.isDestroyed(id))).toEqual([false, true, true])
    expect(changes.order).toBe(3)
  })
})
