import { describe, expect, it } from 'vitest'
import type { StartReason } from '../../../src/core/decide.ts'
import { Warnings } from '../../../src/engine/process/warnings.ts'
import type { LimpetEvent } from '../../../src/ports/events.ts'
import { backend, Client, OTHER_SECRET, site } from '../support/backend.ts'

const NOW = 1_800_000_000_000
const MINUTE = 60_000

function warned() {
  const events: LimpetEvent[] = []
  const warnings = new Warnings((event) => events.push(event))
  const judge = (times: number, reason: StartReason | undefined, now = NOW) => {
    for (let i = 0; i < times; i++) warnings.judged(reason, now)
  }
  return { events, judge, warnings }
}

describe('a warning', () => {
  it('is given once for its code', () => {
    const { events, warnings } = warned()
    expect(warnings.has('memory-store')).toBe(false)
    warnings.once('memory-store', 'first')
    warnings.once('memory-store', 'again')
    warnings.once('random-secret', 'another')
    expect(warnings.has('memory-store')).toBe(true)
    expect(events).toEqual([
      { type: 'warning', code: 'memory-store', message: 'first' },
      { type: 'warning', code: 'random-secret', message: 'another' },
    ])
  })
})

describe('cookies that no secret here has signed', () => {
  it.each(['unknown-key', 'bad-signature'] as const)('%s: a warning at the twentieth in a minute', (reason) => {
    const { events, judge } = warned()
    judge(19, reason)
    expect(events).toEqual([])
    judge(1, reason)
    expect(events).toEqual([
      {
        type: 'warning',
        code: 'foreign-secret',
        message: expect.stringMatching(/^20 of the last 20 requests .*LIMPET_SECRET.*forges/s),
      },
    ])
  })

  it.each([undefined, 'no-cookie', 'malformed', 'expired', 'too-old', 'destroyed'] as const)(
    'a request that is judged otherwise is none of them: %s',
    (reason) => {
      const { events, judge } = warned()
      judge(1000, reason)
      expect(events).toEqual([])
    },
  )

  it.each([
    [380, 1],
    [381, 0],
  ])('twenty beside %i other requests: %i warnings, for it takes a twentieth of all', (others, count) => {
    const { events, judge } = warned()
    judge(others, undefined)
    judge(20, 'unknown-key')
    expect(events).toHaveLength(count)
  })

  it('are reported at most once a minute, and again in a later one', () => {
    const { events, judge } = warned()
    judge(100, 'unknown-key')
    judge(100, 'unknown-key', NOW + MINUTE - 1)
    expect(events).toHaveLength(1)
    judge(100, 'unknown-key', NOW + MINUTE)
    expect(events).toHaveLength(2)
  })

  it('are not reported twice within a minute because a new one has begun', () => {
    const { events, judge } = warned()
    judge(1, undefined)
    judge(20, 'unknown-key', NOW + MINUTE - 1)
    judge(20, 'unknown-key', NOW + MINUTE)
    expect(events).toHaveLength(1)
    judge(20, 'unknown-key', NOW + 2 * MINUTE)
    expect(events).toHaveLength(2)
  })

  it('are not counted for longer than a minute', () => {
    const { events, judge } = warned()
    judge(19, 'unknown-key')
    judge(19, 'unknown-key', NOW + MINUTE)
    expect(events).toEqual([])
  })

  it('are counted anew when the clock is set back', () => {
    const { events, judge } = warned()
    judge(19, 'unknown-key')
    judge(1, 'unknown-key', NOW - 10 * MINUTE)
    expect(events).toEqual([])
    judge(19, 'unknown-key', NOW - 10 * MINUTE)
    expect(events).toHaveLength(1)
  })

  it('are noticed on the way of a request', () => {
    const place = site()
    const here = backend(place)
    const elsewhere = backend(place, 'elsewhere', { secret: OTHER_SECRET })
    const client = new Client()
    client.answer(client.visit(elsewhere))
    for (let i = 0; i < 25; i++) client.visit(here)
    const codes = here.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []))
    expect(codes).toEqual(['foreign-secret'])
  })
})

describe('clocks that differ', () => {
  it.each([
    [5000, 'this clock is 5 seconds ahead of that one.'],
    [-5000, 'this clock is 5 seconds behind that one.'],
    [3_600_400, 'this clock is 3600 seconds ahead of that one.'],
  ])('by %i ms: a warning with the seconds in it', (ahead, text) => {
    const { events, warnings } = warned()
    warnings.clockSkew('this clock', ahead, 'that one')
    expect(events).toMatchObject([{ code: 'clock-skew', message: expect.stringContaining(text) }])
    expect(events).toMatchObject([{ message: expect.stringContaining('NTP') }])
  })

  it('by less than five seconds: none', () => {
    const { events, warnings } = warned()
    for (const ahead of [4999, -4999, 0]) warnings.clockSkew('this clock', ahead, 'that one')
    expect(events).toEqual([])
  })

  it('are reported once', () => {
    const { events, warnings } = warned()
    for (const ahead of [5000, 60_000, -60_000]) warnings.clockSkew('this clock', ahead, 'that one')
    expect(events).toHaveLength(1)
  })

  it('are noticed by a token that another backend signed later than now', () => {
    const place = site()
    const here = backend(place)
    const ahead = backend(place, 'ahead', { ownClock: () => place.clock.now + 30_000 })
    const client = new Client()
    client.answer(client.visit(ahead))
    for (let i = 0; i < 3; i++) client.visit(here)
    const messages = here.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
    expect(messages).toEqual([expect.stringMatching(/^another backend's clock, .*, is 30 seconds ahead of this one\./)])
  })
})
