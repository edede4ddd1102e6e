import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLOCK_SKEW, decide, type Facts } from '../../../src/core/decide.ts'
import type { Token } from '../../../src/core/token.ts'

const NOW = 1_800_000_000
const LIMITS = { idle: 1000, absolute: 5000, renewAfter: 50, keepAliveAfter: 100 }
const TOKEN: Token = {
  id: 'session-session-session-',
  owner: 'here',
  version: 1,
  createdAt: NOW - 10,
  storedAt: NOW,
  issuedAt: NOW,
}

interface Row {
  readonly when: string
  readonly token?: Partial<Token>
  readonly retiredKey?: boolean
  readonly facts?: Partial<Facts>
  readonly decides: object
}

const start = (reason: string) => ({ kind: 'start', reason })
const resume = (sign?: string) => ({ kind: 'resume', misdirected: false, sign })

const ROWS: readonly Row[] = [
  { when: 'there is no cookie', facts: { cookie: undefined }, decides: start('no-cookie') },
  ...(['malformed', 'unknown-key', 'bad-signature'] as const).map((reason) => ({
    when: `the cookie is bad: ${reason}`,
    facts: { cookie: { kind: 'bad', reason } as const },
    decides: start(reason),
  })),
  { when: 'the token is of this second', decides: resume() },

  { when: 'it was issued later than now, within the skew', token: { issuedAt: NOW + CLOCK_SKEW }, decides: resume() },
  { when: 'it was issued beyond the skew', token: { issuedAt: NOW + CLOCK_SKEW + 1 }, decides: start('from-future') },
  { when: 'idle for the limit and the skew', token: { issuedAt: NOW - 1060 }, decides: resume('renewal') },
  { when: 'idle for one second more', token: { issuedAt: NOW - 1061 }, decides: start('expired') },
  { when: 'as old as the absolute limit and the skew', token: { createdAt: NOW - 5060 }, decides: resume() },
  { when: 'one second older', token: { createdAt: NOW - 5061 }, decides: start('too-old') },
  {
    when: 'very old and without an absolute limit',
    token: { createdAt: 0 },
    facts: { limits: { ...LIMITS, absolute: undefined } },
    decides: resume(),
  },
  { when: 'this backend knows that it was destroyed', facts: { destroyed: true }, decides: start('destroyed') },
  {
    when: 'destroyed, and expired since',
    token: { issuedAt: NOW - 1061 },
    facts: { destroyed: true },
    decides: start('expired'),
  },

  { when: 'issued a twentieth ago', token: { issuedAt: NOW - 50 }, decides: resume() },
  { when: 'issued longer than a twentieth ago', token: { issuedAt: NOW - 51 }, decides: resume('renewal') },
  { when: 'stored a tenth ago', token: { storedAt: NOW - 100 }, decides: resume() },
  { when: 'stored longer than a tenth ago', token: { storedAt: NOW - 101 }, decides: resume('keep-alive') },
  { when: 'nothing was ever stored', token: { storedAt: 0, version: 0 }, decides: resume() },
  { when: 'two cookies came', facts: { several: true }, decides: resume('second-cookie') },
  { when: 'a secret signed it that no longer signs', retiredKey: true, decides: resume('retired-key') },
  {
    when: 'all reasons to sign come together',
    token: { issuedAt: NOW - 51, storedAt: NOW - 101 },
    retiredKey: true,
    facts: { several: true },
    decides: resume('retired-key'),
  },
  {
    when: 'all but a retired key',
    token: { issuedAt: NOW - 51, storedAt: NOW - 101 },
    facts: { several: true },
    decides: resume('second-cookie'),
  },
  {
    when: 'old enough for a renewal and for keeping alive',
    token: { issuedAt: NOW - 51, storedAt: NOW - 101 },
    decides: resume('keep-alive'),
  },
  {
    when: 'another backend owns it',
    token: { owner: 'there' },
    decides: { kind: 'resume', misdirected: true, sign: undefined },
  },
]

const facts = ({ token, retiredKey = false, facts }: Row): Facts => ({
  cookie: { kind: 'token', token: { ...TOKEN, ...token }, retiredKey },
  several: false,
  destroyed: false,
  now: NOW,
  backend: 'here',
  limits: LIMITS,
  ...facts,
})

describe('decide', () => {
  it.each(ROWS)('$when', (row) => {
    expect(decide(facts(row))).toMatchObject(row.decides)
  })

  it('hands the token on as it came', () => {
    const token = { ...TOKEN, version: 7, owner: 'there' }
    expect(decide(facts({ when: '', token, decides: {} }))).toMatchObject({ token })
  })

  it('is total: whatever the numbers, it decides and does not throw', () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.constant(0))
    const token = fc.record({
      id: fc.string(),
      owner: fc.constantFrom('here', 'there'),
      version: number,
      createdAt: number,
      storedAt: number,
      issuedAt: number,
    })
    fc.assert(
      fc.property(
        token,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        number,
        (any, retiredKey, several, destroyed, now) => {
          const cookie = { kind: 'token', token: any, retiredKey } as const
          const { kind } = decide({ cookie, several, destroyed, now, backend: 'here', limits: LIMITS })
          expect(['start', 'resume']).toContain(kind)
          if (destroyed) expect(kind).toBe('start')
        },
      ),
    )
  })
})
