import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answers } from '../../../src/core/losses.ts'

describe('whom a copy answers', () => {
  it.each([
    { when: 'it is newer than what was seen', copy: { version: 5 }, seen: 4, does: true },
    { when: 'it is just that', copy: { version: 5 }, seen: 5, does: true },
    { when: 'it is older', copy: { version: 5 }, seen: 6, does: false },
    { when: 'nothing is stored, and nothing was seen', copy: { version: 0 }, seen: 0, does: true },
    { when: 'nothing is stored, and something was seen', copy: { version: 0 }, seen: 1, does: false },
    { when: 'nobody has lost anything', copy: { version: 5, lost: undefined }, seen: 5, does: true },
  ])('$when: $does', ({ copy, seen, does }) => {
    expect(answers(copy, seen)).toBe(does)
  })

  it.each([
    { seen: 3, does: true, why: 'the last version that was not lost' },
    { seen: 4, does: false, why: 'the first that was lost' },
    { seen: 7, does: false, why: 'the last that was lost' },
    { seen: 8, does: true, why: 'the first that came after the loss' },
    { seen: 20, does: true, why: 'the copy itself' },
    { seen: 21, does: false, why: 'newer than the copy' },
  ])('versions 4 to 7 were lost, and $seen was seen, $why: $does', ({ seen, does }) => {
    expect(answers({ version: 20, lost: { above: 3, upTo: 7 } }, seen)).toBe(does)
  })

  it('a loss never makes a copy answer that would not have without it', () => {
    const version = fc.nat(20)
    fc.assert(
      fc.property(version, version, version, version, (mine, above, upTo, seen) => {
        if (answers({ version: mine, lost: { above, upTo } }, seen)) expect(answers({ version: mine }, seen)).toBe(true)
      }),
    )
  })
})
