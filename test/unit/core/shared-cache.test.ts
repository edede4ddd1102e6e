import { describe, expect, it } from 'vitest'
import { madePrivate, sharedCacheMayReuse, sharedCacheMayStore } from '../../../src/core/shared-cache.ts'

describe('may a shared cache hand this response to somebody else? (RFC 9111 section 5.2.2, RFC 9213)', () => {
  it.each([
    { cacheControl: undefined, yes: false },
    { cacheControl: '', yes: false },
    { cacheControl: 'public, max-age=60', yes: true },
    { cacheControl: 'max-age=60, public', yes: true },
    { cacheControl: 'PUBLIC,MAX-AGE=60', yes: true },
    { cacheControl: 'public, max-age="60"', yes: true },
    { cacheControl: 'public , max-age = 60', yes: true },
    { cacheControl: 'public, max-age=0', yes: false },
    { cacheControl: 'public', yes: false },
    { cacheControl: 'private, max-age=60', yes: false },
    { cacheControl: 'max-age=60', yes: false },
    { cacheControl: 's-maxage=60', yes: true },
    { cacheControl: 'max-age=0, S-MaxAge=60', yes: true },
    { cacheControl: 'no-store, public, max-age=60', yes: false },
    { cacheControl: 'public, max-age=60, no-store', yes: false },
    { cacheControl: 'no-store, s-maxage=60', yes: false },
    { cacheControl: 'not-public, max-age=60', yes: false },
    { cacheControl: 'public, x-max-age=60', yes: false },
    { cacheControl: 'no-cache', yes: false },
    { cacheControl: 'public, max-age=31536000, immutable', yes: true },
  ])('Cache-Control: $cacheControl -> $yes', ({ cacheControl, yes }) => {
    expect(sharedCacheMayReuse(cacheControl, undefined)).toBe(yes)
  })

  it.each([
    { targeted: 'max-age=60', cacheControl: undefined, yes: true },
    { targeted: 'max-age=60', cacheControl: 'no-store', yes: true },
    { targeted: 'max-age=60', cacheControl: 'private', yes: true },
    { targeted: 's-maxage=60', cacheControl: undefined, yes: true },
    { targeted: 'max-age=60, private', cacheControl: undefined, yes: false },
    { targeted: 'no-store', cacheControl: undefined, yes: false },
    { targeted: 'no-store', cacheControl: 'public, max-age=60', yes: true },
    { targeted: 'max-age=0', cacheControl: undefined, yes: false },
  ])('for caches alone: $targeted, Cache-Control: $cacheControl -> $yes', ({ targeted, cacheControl, yes }) => {
    expect(sharedCacheMayReuse(cacheControl, targeted)).toBe(yes)
  })
})

describe('made private', () => {
  it.each([
    ['public', 'private'],
    ['public, max-age=0', 'private, max-age=0'],
    ['public, max-age=60, must-revalidate', 'private, max-age=60, must-revalidate'],
    ['max-age=60, s-maxage=600', 'private, max-age=60'],
    ['PUBLIC, S-MAXAGE = 600', 'private'],
    ['private, public', 'private'],
    ['public,, immutable', 'private, immutable'],
    ['', 'private'],
  ])('%s -> %s', (before, after) => {
    expect(madePrivate(before)).toBe(after)
    expect(sharedCacheMayReuse(madePrivate(before), undefined)).toBe(false)
  })
})

describe('would a shared cache store it, with our cookie, unless it said private? (RFC 9111 section 3)', () => {
  it.each([
    ['public', true],
    ['max-age=0, Public', true],
    ['max-age=60', true],
    ['must-revalidate, max-age=60', true],
    ['max-age=0', false],
    ['no-cache', false],
    ['private, max-age=60', false],
    ['max-age=60, no-store', false],
    ['publicity', false],
    ['private, x=public-ish', false],
    ['x-max-age=60', false],
  ])('%s -> %s', (cacheControl, yes) => {
    expect(sharedCacheMayStore(cacheControl)).toBe(yes)
  })
})
