import { expect, describe as group, it } from 'vitest'
import { describe, readDuration, SESSION_BOUNDS, TIMER_BOUNDS } from '../../../src/config/duration.ts'

group('durations', () => {
  it.each([
    [1000, 1000],
    [1000.4, 1000],
    ['1000', 1000],
    ['90s', 90_000],
    [' 15m ', 900_000],
    ['1.5h', 5_400_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['2 weeks', 1_209_600_000],
    ['10y', 315_576_000_000],
  ])('%j is %d ms', (value, expected) => {
    expect(readDuration(value, 'idleTimeout', SESSION_BOUNDS)).toBe(expected)
  })

  it.each([
    999,
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    ' ',
    '999',
    '-5m',
    'soon',
    '5 parsecs',
    '1h 30m',
    `${'9'.repeat(200)}h`,
    '11y',
    315_576_000_001,
    1e300,
    null,
    true,
    ['1h'],
    {},
    () => 1000,
    1000n,
  ])('%s is none', (value) => {
    expect(() => readDuration(value, 'idleTimeout', SESSION_BOUNDS)).toThrow(
      expect.objectContaining({
        code: 'ERR_LIMPET_OPTIONS',
        message: expect.stringMatching(
          /^idleTimeout must be a duration of at least 1s and at most 10y, .*'30m'.*; got /,
        ),
      }),
    )
  })
})

group('the deadline of a store call', () => {
  it.each([1, '50ms', '1h', '24d'])('%s is one', (value) => {
    expect(readDuration(value, 'storeTimeout', TIMER_BOUNDS)).toBeGreaterThan(0)
  })

  it.each([0, 0.4, 2_147_483_648, '25d', '1y', Number.POSITIVE_INFINITY])(
    '%s is none that a timer can wait for',
    (value) => {
      expect(() => readDuration(value, 'storeTimeout', TIMER_BOUNDS)).toThrow(
        expect.objectContaining({
          code: 'ERR_LIMPET_OPTIONS',
          message: expect.stringMatching(/^storeTimeout must be a duration of at least 1ms and at most 24d, /),
        }),
      )
    },
  )
})

group('a wrong value in an error text', () => {
  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['short', "'short'"],
    ['x'.repeat(31), `'${'x'.repeat(31)}'`],
    ['x'.repeat(32), 'a string of 32 characters'],
    [1, '1'],
    [false, 'false'],
    [['secret'], 'an array'],
    [{ secret: 1 }, 'an object'],
    [() => 'secret', 'a function'],
    [Symbol('secret'), 'a symbol'],
    [1n, 'a bigint'],
  ])('%s', (value, words) => {
    expect(describe(value)).toBe(words)
  })
})
