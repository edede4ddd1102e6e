import { describe, expect, it } from 'vitest'
import { createIdSource } from '../../../src/core/session-id.ts'

/** Counts bytes up, and the calls. */
function counting(): { fill: (buffer: Buffer) => void; pools: Buffer[] } {
  const pools: Buffer[] = []
  let next = 0
  const fill = (buffer: Buffer) => {
    pools.push(buffer)
    for (let i = 0; i < buffer.length; i++) buffer[i] = next++ % 251
  }
  return { fill, pools }
}

describe('session ids', () => {
  it('are 144 bits of what the source gave, in base64url', () => {
    const id = createIdSource(counting().fill).next()
    expect(Buffer.from(id, 'base64url')).toEqual(Buffer.from(Array.from({ length: 18 }, (_, index) => index)))
    expect(id).toHaveLength(24)
  })

  it('never repeat, over many refills', () => {
    const ids = createIdSource()
    const seen = new Set(Array.from({ length: 5000 }, () => ids.next()))
    expect(seen.size).toBe(5000)
    for (const id of seen) expect(id).toMatch(/^[A-Za-z0-9_-]{24}$/)
  })

  it('cost one draw for 256', () => {
    const { fill, pools } = counting()
    const ids = createIdSource(fill)
    for (let i = 0; i < 256; i++) ids.next()
    expect(pools).toHaveLength(1)
    ids.next()
    expect(pools).toHaveLength(2)
  })

  it('do not stay behind in the pool', () => {
    const { fill, pools } = counting()
    const ids = createIdSource(fill)
    ids.next()
    expect(pools[0]?.subarray(0, 18)).toEqual(Buffer.alloc(18))
    expect(pools[0]?.subarray(18, 36)).not.toEqual(Buffer.alloc(18))
  })

  it('have successors that share their first two characters and nothing else', () => {
    const ids = createIdSource()
    const id = ids.next()
    const successor = ids.successor(id)
    expect(successor).toMatch(/^[A-Za-z0-9_-]{24}$/)
    expect(successor.slice(0, 2)).toBe(id.slice(0, 2))
    expect(successor.slice(2)).not.toBe(id.slice(2))
    expect(ids.successor(id)).not.toBe(successor)
  })
})
