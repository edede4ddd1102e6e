import { describe, expect, it } from 'vitest'
import { newest } from '../../../src/core/decide.ts'
import type { Verdict } from '../../../src/core/keyring.ts'

const token = (id: string, version: number, issuedAt: number): Verdict => ({
  kind: 'token',
  retiredKey: false,
  token: {
    id,
    owner: 'here',
    boot: 'bootboot',
    version,
    createdAt: 1,
    touchedAt: 1,
    issuedAt,
    lifetime: undefined,
    pendingFrom: undefined,
  },
})
const bad: Verdict = { kind: 'bad', reason: 'bad-signature' }
const malformed: Verdict = { kind: 'bad', reason: 'malformed' }

const older = token('a', 1, 100)
const later = token('b', 1, 200)
const seenMore = token('a', 5, 50)

describe('the best of several cookies of our name', () => {
  it.each([
    { when: 'there is none', of: [], best: undefined },
    { when: 'there is one', of: [older], best: older },
    { when: 'all are bad, the first says why', of: [bad, malformed], best: bad },
    { when: 'a bad one comes first', of: [bad, older], best: older },
    { when: 'a bad one comes last', of: [older, bad], best: older },
    { when: 'of two sessions, the one signed later', of: [older, later], best: later },
    { when: 'in the other order', of: [later, older], best: later },
    {
      when: 'of one session, the one that has seen more, although signed earlier',
      of: [older, seenMore],
      best: seenMore,
    },
    { when: 'in the other order too', of: [seenMore, older], best: seenMore },
    { when: 'among many', of: [malformed, older, bad, later, seenMore], best: later },
  ])('$when', ({ of, best }) => {
    expect(newest(of)).toBe(best)
  })

  it('keeps the first of two that say the same', () => {
    const twin = token('a', 1, 100)
    expect(newest([older, twin])).toBe(older)
  })

  it('passes over what is good but of no use, unless nothing else is there', () => {
    const useful = ({ id }: { id: string }) => id === 'a'
    expect(newest([older, later, bad], useful)).toBe(older)
    expect(newest([later, bad], useful)).toBe(later)
    expect(newest([bad, malformed], useful)).toBe(bad)
  })
})
