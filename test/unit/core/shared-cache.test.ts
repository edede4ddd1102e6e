import { describe, expect, it } from 'vitest'
import {
  isTargeted,
  madePrivate,
  sharedCacheMayReuse,
  sharedCacheMayStore,
  sharedCacheMayStoreUntil,
} from '../../../src/core/shared-cache.ts'

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
    { cacheControl: 'private, s-maxage=60', yes: false },
    { cacheControl: 's-maxage=60, Private', yes: false },
    { cacheControl: 'public, max-age=60, private', yes: false },
    { cacheControl: 'private="x-user", s-maxage=60', yes: true },
    { cacheControl: 's-maxage=0', yes: false },
    { cacheControl: 's-maxage="0"', yes: false },
    { cacheControl: 's-maxage=soon', yes: false },
    { cacheControl: 'public, max-age=60, s-maxage=0', yes: false },
    { cacheControl: 's-maxage=0, s-maxage=60', yes: true },
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
    { targeted: 'public', cacheControl: 'private', yes: true },
    { targeted: 'Public, stale-if-error=60', cacheControl: undefined, yes: true },
    { targeted: 'public, max-age=0', cacheControl: undefined, yes: false },
    { targeted: 'public, no-cache', cacheControl: undefined, yes: false },
    { targeted: 'max-age=0, stale-while-revalidate=60', cacheControl: undefined, yes: true },
    { targeted: 'no-store-remote, max-age=60', cacheControl: undefined, yes: true },
    { targeted: 'private, max-age=60', cacheControl: 'public, max-age=60', yes: true },
    { targeted: [], cacheControl: 'public, max-age=60', yes: true },
    { targeted: ['no-store', 'max-age=60'], cacheControl: undefined, yes: true },
    { targeted: ['max-age=60', 'no-store'], cacheControl: undefined, yes: true },
    { targeted: ['no-store', 'private'], cacheControl: undefined, yes: false },
  ])('for caches alone: $targeted, Cache-Control: $cacheControl -> $yes', ({ targeted, cacheControl, yes }) => {
    expect(sharedCacheMayReuse(cacheControl, targeted)).toBe(yes)
  })
})

describe('which fields speak to shared caches alone', () => {
  it.each([
    ['cdn-cache-control', true],
    ['cloudflare-cdn-cache-control', true],
    ['vercel-cdn-cache-control', true],
    ['surrogate-control', true],
    ['cache-control', false],
    ['x-dns-prefetch-control', false],
    ['access-control-max-age', false],
  ])('%s: %s', (name, yes) => {
    expect(isTargeted(name)).toBe(yes)
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
    ['s-maxage=0', true],
    ['private, s-maxage=60', true],
    ['max-age=60, s-maxage=0', true],
    ['private="x-user", max-age=60', true],
    ['max-age=0, stale-while-revalidate=60', true],
    ['max-age=0, stale-while-revalidate=0, stale-if-error=60', true],
    ['private, stale-if-error=60', false],
  ])('%s -> %s', (cacheControl, yes) => {
    expect(sharedCacheMayStore(cacheControl)).toBe(yes)
  })
})

describe('would a shared cache store it because of its Expires? (RFC 9111 section 5.3)', () => {
  const now = Date.UTC(2026, 0, 1)
  const later = new Date(now + 60_000).toUTCString()

  it.each([
    { expires: later, cacheControl: undefined, yes: true },
    { expires: later, cacheControl: '', yes: true },
    { expires: later, cacheControl: 'must-revalidate', yes: true },
    { expires: later, cacheControl: 'private', yes: false },
    { expires: later, cacheControl: 'no-store', yes: false },
    { expires: later, cacheControl: 'no-cache', yes: false },
    { expires: later, cacheControl: 'max-age=0', yes: false },
    { expires: later, cacheControl: 's-maxage=0', yes: false },
    { expires: new Date(now).toUTCString(), cacheControl: undefined, yes: false },
    { expires: new Date(now - 60_000).toUTCString(), cacheControl: undefined, yes: false },
    { expires: '0', cacheControl: undefined, yes: false },
    { expires: '-1', cacheControl: undefined, yes: false },
    { expires: 'never', cacheControl: undefined, yes: false },
    { expires: '', cacheControl: undefined, yes: false },
  ])('Expires: $expires, Cache-Control: $cacheControl -> $yes', ({ expires, cacheControl, yes }) => {
    expect(sharedCacheMayStoreUntil(expires, cacheControl, now)).toBe(yes)
  })
})
