import { describe, expect, it } from 'vitest'
import { type ErrorCode, isStoreError, LimpetError, StoreError } from '../../../src/core/errors.ts'

/** The status that a request gets whose work failed so. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  ERR_LIMPET_OPTIONS: 500,
  ERR_LIMPET_SECRET: 500,
  ERR_LIMPET_CLIENT: 500,
  ERR_LIMPET_KEY: 500,
  ERR_LIMPET_VALUE: 500,
  ERR_LIMPET_UPDATE: 500,
  ERR_LIMPET_BODY: 500,
  ERR_LIMPET_SIZE: 413,
  ERR_LIMPET_STORE: 503,
  ERR_LIMPET_CONFLICT: 409,
  ERR_LIMPET_DESTROYED: 409,
  ERR_LIMPET_EXPIRED: 409,
  ERR_LIMPET_NOT_FOUND: 404,
  ERR_LIMPET_LABEL: 500,
  ERR_LIMPET_DOCTOR: 500,
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
