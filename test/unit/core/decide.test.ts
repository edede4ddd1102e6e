import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, type Facts } from '../../../src/core/decide.ts'
import type { Token } from '../../../src/core/token.ts'

const NOW = 1_800_000_000_000
const LIMITS = { idle: 100_000, absolute: 500_000 }
const TOKEN: Token = {
  id: 'session-session-session-',
  owner: 'here',
  boot: 'bootboot',
  version: 1,
  createdAt: NOW - 10_000,
  touchedAt: NOW,
  issuedAt: NOW,
  lifetime: undefined,
  pendingFrom: undefined,
}

interface Row {
  readonly when: string
  readonly token?: Partial<Token>
  readonly retiredKey?: boolean
  readonly facts?: Partial<Facts>
  readonly decides: object
}

const start = (reason: string, keepCookie = false) => ({ kind: 'start', reason, keepCookie })
const resume = (sign?: string) => ({ kind: 'resume', misdirected: false, sign })

const ROWS: readonly Row[] = [
  { when: 'there is no cookie', facts: { cookie: undefined }, decides: start('no-cookie') },
  ...(['malformed', 'unknown-key', 'bad-signature'] as const).map((reason) => ({
    when: `the cookie is bad: ${reason}`,
    facts: { cookie: { kind: 'bad', reason } as const },
    decides: start(reason),
  })),
  { when: 'the token is of this millisecond', decides: resume() },

  { when: 'idle for the limit', token: { issuedAt: NOW - 100_000 }, decides: resume('reissue') },
  { when: 'idle for a millisecond more', token: { issuedAt: NOW - 100_001 }, decides: start('expired') },
  {
    when: 'the same, and nobody has asked the store for the time: it may be this clock that is off',
    token: { issuedAt: NOW - 100_001 },
    facts: { clockIsMeasured: false },
    decides: resume('reissue'),
  },
  { when: 'as old as the absolute limit', token: { createdAt: NOW - 500_000 }, decides: resume() },
  { when: 'a millisecond older', token: { createdAt: NOW - 500_001 }, decides: start('too-old') },
  {
    when: 'the same by a clock that was not measured',
    token: { createdAt: NOW - 500_001 },
    facts: { clockIsMeasured: false },
    decides: resume(),
  },
  {
    when: 'both idle and old for too long',
    token: { issuedAt: NOW - 100_001, createdAt: NOW - 500_001 },
    decides: start('expired'),
  },
  {
    when: 'very old and without an absolute limit',
    token: { createdAt: 0 },
    facts: { limits: { ...LIMITS, absolute: undefined } },
    decides: resume(),
  },
  {
    when: 'idle for longer than is usual, with a lifetime of its own',
    token: { issuedAt: NOW - 200_000, lifetime: 200_000 },
    decides: resume('reissue'),
  },
  {
    when: 'idle for longer than a short lifetime of its own',
    token: { issuedAt: NOW - 1001, lifetime: 1000 },
    decides: start('expired'),
  },

  { when: 'signed ahead by as much as measured clocks differ', token: { issuedAt: NOW + 1000 }, decides: resume() },
  {
    when: 'signed further ahead: it counts as signed now',
    token: { issuedAt: NOW + 1001 },
    decides: resume('from-future'),
  },
  { when: 'signed a year ahead', token: { issuedAt: NOW + 3e10 }, decides: resume('from-future') },
  {
    when: 'signed ahead, in a session that is too old',
    token: { issuedAt: NOW + 1001, createdAt: NOW - 500_001 },
    decides: start('too-old'),
  },
  {
    when: 'begun in the future',
    token: { createdAt: NOW + 3e10, issuedAt: NOW + 3e10 },
    decides: resume('from-future'),
  },

  { when: 'this backend knows that it ended', facts: { ended: 'ended' }, decides: start('destroyed') },
  {
    when: 'it has just moved: the cookie of the new id may be on its way',
    facts: { ended: 'moving' },
    decides: start('destroyed', true),
  },
  {
    when: 'it ended, as this backend knows by itself, whatever the clock',
    facts: { ended: 'ended', clockIsMeasured: false },
    decides: start('destroyed'),
  },
  {
    when: 'it ended, and has expired since',
    token: { issuedAt: NOW - 100_001 },
    facts: { ended: 'ended' },
    decides: start('expired'),
  },

  { when: 'issued a twentieth ago', token: { issuedAt: NOW - 5000 }, decides: resume() },
  { when: 'issued longer than a twentieth ago', token: { issuedAt: NOW - 5001 }, decides: resume('reissue') },
  {
    when: 'issued longer than a twentieth of its own lifetime ago',
    token: { issuedAt: NOW - 51, lifetime: 1000 },
    decides: resume('reissue'),
  },
  { when: 'touched a tenth ago', token: { touchedAt: NOW - 10_000 }, decides: resume() },
  { when: 'touched longer than a tenth ago', token: { touchedAt: NOW - 10_001 }, decides: resume('touch') },
  { when: 'touched never, as far as this client knows', token: { touchedAt: 0 }, decides: resume('touch') },
  { when: 'nothing was ever stored', token: { touchedAt: 0, version: 0 }, decides: resume() },
  { when: 'two cookies came', facts: { several: true }, decides: resume('second-cookie') },
  { when: 'a secret signed it that no longer signs', retiredKey: true, decides: resume('retired-key') },
  {
    when: 'all reasons to sign come together',
    token: { issuedAt: NOW + 1001, touchedAt: NOW - 10_001 },
    retiredKey: true,
    facts: { several: true },
    decides: resume('retired-key'),
  },
  {
    when: 'all but a retired key',
    token: { issuedAt: NOW + 1001, touchedAt: NOW - 10_001 },
    facts: { several: true },
    decides: resume('second-cookie'),
  },
  {
    when: 'from the future, and long untouched',
    token: { issuedAt: NOW + 1001, touchedAt: NOW - 10_001 },
    decides: resume('from-future'),
  },
  {
    when: 'old enough to be signed anew, and to be touched',
    token: { issuedAt: NOW - 5001, touchedAt: NOW - 10_001 },
    decides: resume('touch'),
  },
  {
    when: 'another backend owns it',
    token: { owner: 'there', boot: 'booted-2' },
    decides: { kind: 'resume', misdirected: true, sign: undefined },
  },
  {
    when: 'this backend owned it before it was restarted: it is the process that owns',
    token: { boot: 'booted-0' },
    decides: { kind: 'resume', misdirected: true, sign: undefined },
  },
  { when: 'this process owns it under another name', token: { owner: 'renamed' }, decides: resume() },
]

const facts = ({ token, retiredKey = false, facts }: Row): Facts => ({
  cookie: { kind: 'token', token: { ...TOKEN, ...token }, retiredKey },
  several: false,
  ended: 'no',
  now: NOW,
  clockIsMeasured: true,
  boot: 'bootboot',
  limits: LIMITS,
  ...facts,
})

describe('decide', () => {
  it.each(ROWS)('$when', (row) => {
    expect(decide(facts(row))).toMatchObject(row.decides)
  })

  it('hands the token on as it came', () => {
    const token: Token = { ...TOKEN, version: 7, owner: 'there', lifetime: 200_000, pendingFrom: 'se'.padEnd(24, 'x') }
    expect(decide(facts({ when: '', token, decides: {} }))).toMatchObject({ token })
  })

  it('is total: whatever the numbers, it decides and does not throw', () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.constant(0))
    const token: fc.Arbitrary<Token> = fc.record({
      id: fc.string(),
      owner: fc.constantFrom('here', 'there'),
      boot: fc.constantFrom('bootboot', 'booted-2'),
      version: number,
      createdAt: number,
      touchedAt: number,
      issuedAt: number,
      lifetime: fc.option(number, { nil: undefined }),
      pendingFrom: fc.option(fc.string(), { nil: undefined }),
    })
    const about = fc.record({
      several: fc.boolean(),
      ended: fc.constantFrom('no' as const, 'ended' as const, 'moving' as const),
      clockIsMeasured: fc.boolean(),
      now: number,
    })
    fc.assert(
      fc.property(token, fc.boolean(), about, (any, retiredKey, more) => {
        const cookie = { kind: 'token', token: any, retiredKey } as const
        const { kind } = decide({ ...more, cookie, boot: 'bootboot', limits: LIMITS })
        expect(['start', 'resume']).toContain(kind)
        if (more.ended !== 'no') expect(kind).toBe('start')
      }),
    )
  })
})
