import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ErrorCode, isStoreError, LimpetError, quoted, StoreError } from '../../../src/core/errors.ts'

/** The status that a request gets whose work failed so. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  ERR_LIMPET_OPTIONS: 500,
  ERR_LIMPET_SECRET: 500,
  ERR_LIMPET_CLIENT: 500,
  ERR_LIMPET_KEY: 500,
  ERR_LIMPET_VALUE: 500,
  ERR_LIMPET_UPDATE: 500,
  ERR_LIMPET_SIZE: 413,
  ERR_LIMPET_STORE: 503,
  ERR_LIMPET_CONFLICT: 409,
  ERR_LIMPET_DESTROYED: 409,
  ERR_LIMPET_EXPIRED: 409,
}
const ROWS = Object.entries(STATUS) as [ErrorCode, number][]

describe('an error of limpet', () => {
  it.each(ROWS)('%s has the status %i, and frameworks do not show its text', (code, status) => {
    const error = new LimpetError(code, 'what to do instead')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'LimpetError', code, status, expose: false, message: 'what to do instead' })
    expect(error.cause).toBeUndefined()
  })

  it('keeps its cause', () => {
    const cause = new Error('the cause')
    expect(new LimpetError('ERR_LIMPET_VALUE', 'x', { cause }).cause).toBe(cause)
  })
})

describe('a failure of the store', () => {
  it.each([false, 'unknown'] as const)('says what is known of a write: %s', (applied) => {
    const error = new StoreError('down', { applied, outage: true })
    expect(error).toBeInstanceOf(LimpetError)
    expect(error).toMatchObject({ name: 'StoreError', code: 'ERR_LIMPET_STORE', status: 503, expose: false })
    expect(error).toMatchObject({ applied, outage: true })
    expect('cause' in error).toBe(false)
  })

  it('keeps its cause', () => {
    const cause = new Error('the cause')
    expect(new StoreError('down', { applied: false, outage: false, cause }).cause).toBe(cause)
  })

  it.each([
    ['one', new StoreError('down', { applied: false, outage: true }), true],
    ['one of another copy of this package', { code: 'ERR_LIMPET_STORE', applied: 'unknown' }, true],
    ['another error of limpet', new LimpetError('ERR_LIMPET_KEY', 'x'), false],
    ['one that says nothing of the write', { code: 'ERR_LIMPET_STORE' }, false],
    ['any error', new Error('x'), false],
    ['null', null, false],
    ['a text', 'ERR_LIMPET_STORE', false],
    ['undefined', undefined, false],
  ])('is known by its code: %s', (_, error, is) => {
    expect(isStoreError(error)).toBe(is)
  })
})

describe('a text of others in an error', () => {
  it.each([
    ['stays as it is', 'cart', "'cart'"],
    ['also with spaces, quotes and letters of any language', `a "c" 'd' ü 日本 😀`, `'a "c" 'd' ü 日本 😀'`],
    ['line ends', 'a\r\nb\tc', "'a\\r\\nb\\tc'"],
    ['other control characters', '\u0000\u001b[2J\u007f\u0085', "'\\u0000\\u001b[2J\\u007f\\u0085'"],
    ['separators of lines and paragraphs', '\u2028\u2029', "'\\u2028\\u2029'"],
    ['what turns the direction of writing', '\u202eabc\u2066', "'\\u202eabc\\u2066'"],
    ['what nobody sees', 'a\u200b\ufeffb\u{e0041}', "'a\\u200b\\ufeffb\\udb40\\udc41'"],
    ['half a surrogate pair', 'a\ud83d', "'a\\ud83d'"],
    ['what looks like an escape', 'a\\nb', "'a\\\\nb'"],
    ['an empty text', '', "''"],
  ])('%s', (_, text, result) => {
    expect(quoted(text)).toBe(result)
  })

  it('is cut off where it is long', () => {
    expect(quoted('x'.repeat(40))).toBe(`'${'x'.repeat(40)}'`)
    expect(quoted('x'.repeat(41))).toBe(`'${'x'.repeat(40)}...'`)
    expect(quoted('\u001b'.repeat(1_000_000)).length).toBeLessThan(300)
  })

  it('is one line of what can be seen, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(quoted(text)).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u)
      }),
    )
  })
})
