import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printed } from '../../../src/core/printed.ts'

describe('a text of others in an error', () => {
  it.each([
    ['stays as it is', 'cart', 'cart'],
    ['also with spaces, quotes and letters of any language', `a b "c" 'd' ü 日本 😀`, `a b "c" 'd' ü 日本 😀`],
    ['line ends', 'a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['other control characters', '\u0000\u001b[2J\u007f\u0085', '\\x00\\x1b[2J\\x7f\\x85'],
    ['separators of lines and paragraphs', '\u2028\u2029', '\\u2028\\u2029'],
    ['what turns the direction of writing', '\u202eabc\u2066', '\\u202eabc\\u2066'],
    ['what nobody sees', 'a\u200b\ufeffb\u{e0041}', 'a\\u200b\\ufeffb\\u{e0041}'],
    ['half a surrogate pair', 'a\ud83d', 'a\\ud83d'],
    ['an empty text', '', ''],
  ])('%s', (_, text, result) => {
    expect(printed(text)).toBe(result)
  })

  it('is cut off where it is long', () => {
    expect(printed('x'.repeat(40))).toBe('x'.repeat(40))
    expect(printed('x'.repeat(41))).toBe(`${'x'.repeat(40)}...`)
    expect(printed('x'.repeat(41), 50)).toBe('x'.repeat(41))
    expect(printed('\n'.repeat(1_000_000)).length).toBeLessThan(100)
  })

  it('is one line of what can be seen, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printed(text)).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u)
      }),
    )
  })
})
