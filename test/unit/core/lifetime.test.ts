import { describe, expect, it } from 'vitest'
import {
  endingOf,
  idleOf,
  isFromFuture,
  isReissueDue,
  isTouchDue,
  isTouchOld,
  maxAgeOf,
  storeTtl,
  tombstoneTtl,
} from '../../../src/core/lifetime.ts'
import type { Token } from '../../../src/core/token.ts'

const NOW = 1_800_000_000_000
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const LIMITS = { idle: HOUR, absolute: undefined }
const TOKEN: Token = {
  id: 'session-session-session-',
  owner: 'here',
  boot: 'bootboot',
  version: 1,
  createdAt: NOW,
  touchedAt: NOW,
  issuedAt: NOW,
  lifetime: undefined,
  pendingFrom: undefined,
}
const tokenOf = (changes: Partial<Token> = {}): Token => ({ ...TOKEN, ...changes })

describe('the idle timeout', () => {
  it("is the configuration's, unless the session has its own", () => {
    expect(idleOf(tokenOf(), LIMITS)).toBe(HOUR)
    expect(idleOf(tokenOf({ lifetime: 7 * HOUR }), LIMITS)).toBe(7 * HOUR)
  })
})

describe('how a session ends by itself', () => {
  it.each<[when: string, token: Partial<Token>, absolute: number | undefined, later: number, ending?: string]>([
    ['used for as long as it may idle', {}, undefined, HOUR],
    ['a millisecond longer', {}, undefined, HOUR + 1, 'expired'],
    ['with a longer lifetime of its own', { lifetime: 2 * HOUR }, undefined, 2 * HOUR],
    ['beyond that', { lifetime: 2 * HOUR }, undefined, 2 * HOUR + 1, 'expired'],
    ['beyond a shorter one', { lifetime: SECOND }, undefined, SECOND + 1, 'expired'],
    ['as old as it may get', {}, MINUTE, MINUTE],
    ['a millisecond older', {}, MINUTE, MINUTE + 1, 'too-old'],
    ['too old in spite of a lifetime of its own', { lifetime: 9 * HOUR }, 2 * HOUR, 2 * HOUR + 1, 'too-old'],
    ['both, of which the nearer cause counts', {}, MINUTE, HOUR + 1, 'expired'],
    ['used in the future', {}, undefined, -400 * 24 * HOUR],
    ['begun in the future', { createdAt: NOW + HOUR }, MINUTE, HOUR],
  ])('%s', (_, changes, absolute, later, ending) => {
    expect(endingOf(tokenOf(changes), NOW, NOW + later, { idle: HOUR, absolute })).toBe(ending)
  })

  it('counts idleness from its last use, and its age from its beginning', () => {
    const token = tokenOf({ createdAt: NOW - 5 * HOUR, issuedAt: NOW - 2 * HOUR })
    expect(endingOf(token, token.issuedAt, NOW, LIMITS)).toBe('expired')
    expect(endingOf(token, NOW - HOUR, NOW, LIMITS)).toBeUndefined()
    expect(endingOf(token, NOW, NOW, { idle: HOUR, absolute: 5 * HOUR - 1 })).toBe('too-old')
  })
})

describe('a token from the future', () => {
  it.each([
    [-HOUR, false],
    [0, false],
    [SECOND, false],
    [SECOND + 1, true],
    [400 * 24 * HOUR, true],
  ])('signed %i ms ahead of this clock: %s', (ahead, is) => {
    expect(isFromFuture(tokenOf({ issuedAt: NOW + ahead }), NOW)).toBe(is)
  })

  it('is not due for anything because of it', () => {
    const token = tokenOf({ issuedAt: NOW + HOUR, touchedAt: NOW + HOUR })
    expect(isReissueDue(token, NOW, LIMITS)).toBe(false)
    expect(isTouchDue(token, NOW, LIMITS)).toBe(false)
  })
})

describe('what is done again and again', () => {
  it.each([
    [{}, 3 * MINUTE],
    [{ lifetime: 20 * SECOND }, SECOND],
  ])('a token is signed anew after a twentieth of the idle timeout: %j', (changes, twentieth) => {
    const token = tokenOf(changes)
    expect(isReissueDue(token, NOW + twentieth, LIMITS)).toBe(false)
    expect(isReissueDue(token, NOW + twentieth + 1, LIMITS)).toBe(true)
  })

  it.each([
    [{}, 6 * MINUTE],
    [{ lifetime: 20 * SECOND }, 2 * SECOND],
  ])('the stored data is touched after a tenth: %j', (changes, tenth) => {
    const token = tokenOf(changes)
    expect(isTouchDue(token, NOW + tenth, LIMITS)).toBe(false)
    expect(isTouchDue(token, NOW + tenth + 1, LIMITS)).toBe(true)
    expect(isTouchOld(token, NOW - tenth, NOW, LIMITS)).toBe(false)
    expect(isTouchOld(token, NOW - tenth - 1, NOW, LIMITS)).toBe(true)
  })

  it('what was never stored is not touched', () => {
    expect(isTouchDue(tokenOf({ version: 0, touchedAt: 0 }), NOW, LIMITS)).toBe(false)
    expect(isTouchDue(tokenOf({ version: 1, touchedAt: 0 }), NOW, LIMITS)).toBe(true)
  })
})

describe('how long the browser keeps the cookie, in seconds', () => {
  it.each<[when: string, token: Partial<Token>, limits: { idle: number; absolute: number | undefined }, left: number]>([
    ['as long as it may idle', {}, LIMITS, 3600],
    ['as long as it may idle by its own lifetime', { lifetime: 90 * SECOND }, LIMITS, 90],
    ['rounded up: never shorter than it is valid', { lifetime: 1001 }, LIMITS, 2],
    ['no longer than it may get old', { createdAt: NOW - HOUR }, { idle: HOUR, absolute: 90 * MINUTE }, 1800],
    ['one second at least', { createdAt: NOW - HOUR }, { idle: HOUR, absolute: MINUTE }, 1],
  ])('%s', (_, changes, limits, left) => {
    expect(maxAgeOf(tokenOf(changes), limits)).toBe(left)
  })
})

describe('how long the store keeps what it holds', () => {
  it.each<[when: string, token: Partial<Token>, absolute: number | undefined, ttl: number]>([
    ['data: a quarter and a minute longer than any token is valid', {}, undefined, 76 * MINUTE],
    ['the same with a lifetime of its own', { lifetime: 4 * HOUR }, undefined, 5 * HOUR + MINUTE],
    ['no longer than a minute beyond the absolute limit', {}, 30 * MINUTE, 31 * MINUTE],
    ['the same when that has passed', { createdAt: NOW - 30 * MINUTE }, 30 * MINUTE, MINUTE],
    ['one second at least', { createdAt: NOW - 9 * HOUR }, 30 * MINUTE, SECOND],
  ])('%s', (_, changes, absolute, ttl) => {
    expect(storeTtl(tokenOf(changes), NOW, { idle: HOUR, absolute })).toBe(ttl)
  })

  it('data is kept beyond the last moment at which a token is good', () => {
    for (const absolute of [undefined, 90 * MINUTE]) {
      const limits = { idle: HOUR, absolute }
      for (const age of [0, HOUR, 80 * MINUTE]) {
        const token = tokenOf({ createdAt: NOW - age })
        const end = NOW + storeTtl(token, NOW, limits)
        expect(endingOf(token, NOW, end, limits), `${absolute} ${age}`).toBeDefined()
      }
    }
  })

  it.each<[when: string, token: Partial<Token>, idle: number, ttl: number]>([
    ['as long as data', {}, HOUR, 76 * MINUTE],
    ['an hour at least: a request may take longer than a session lasts', {}, SECOND, HOUR],
    ['as much longer as the token was signed ahead', { issuedAt: NOW + 2 * HOUR }, HOUR, 196 * MINUTE],
    ['no shorter for a token that was signed before', { issuedAt: NOW - HOUR }, HOUR, 76 * MINUTE],
  ])('a tombstone: %s', (_, changes, idle, ttl) => {
    expect(tombstoneTtl(tokenOf(changes), NOW, { idle, absolute: undefined })).toBe(ttl)
  })
})
