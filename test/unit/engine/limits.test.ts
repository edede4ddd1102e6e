import { describe, expect, it } from 'vitest'
import { backend, Client, DAY, facts, HOUR, OTHER_SECRET, SECRET, site } from '../support/backend.ts'

/** A client that has been here once, so that its token is remembered. */
function remembered(options = {}) {
  const place = site({ options })
  const here = backend(place)
  const client = new Client()
  client.answer(client.visit(here))
  return { ...place, here, client, first: client.token }
}

describe('a remembered token is judged by the clock all the same', () => {
  it('expires when it has been idle', () => {
    const { client, clock, here, first } = remembered({ idleTimeout: '1h' })
    clock.forward(HOUR)
    expect(facts(client.visit(here))).toMatchObject({ id: first.id, reason: 'valid' })
    clock.forward(0.001)
    const visit = client.visit(here)
    expect(facts(visit)).toMatchObject({ state: 'new', reason: 'expired' })
    expect(visit.id).not.toBe(first.id)
  })

  it('ends at the absolute limit, however often it was used and signed anew', () => {
    const { client, clock, here, first } = remembered({ idleTimeout: '1h', absoluteTimeout: '10h' })
    for (let quarter = 0; quarter < 40; quarter++) {
      clock.forward(HOUR / 4)
      const visit = client.visit(here)
      expect(visit.id).toBe(first.id)
      client.answer(visit)
    }
    clock.forward(0.001)
    expect(facts(client.visit(here))).toMatchObject({ state: 'new', reason: 'too-old' })
  })

  it('counts as signed now when it is from the future, and is signed anew at once', () => {
    const { client, clock, first, here } = remembered()
    clock.forward(-1)
    client.answer(client.visit(here))
    expect(client.token, 'a second is what measured clocks may differ by').toEqual(first)
    clock.forward(-HOUR)
    const visit = client.visit(here)
    expect(facts(visit)).toMatchObject({ id: first.id, reason: 'valid' })
    client.answer(visit)
    expect(client.token).toEqual({ ...first, issuedAt: clock.now })
  })

  it('starts a session that is complete: the next request resumes it', () => {
    const { client, clock, here } = remembered({ idleTimeout: '1h' })
    clock.forward(2 * HOUR)
    const visit = client.visit(here)
    client.answer(visit)
    expect(facts(client.visit(here))).toMatchObject({ id: visit.id, state: 'resumed', reason: 'valid' })
  })
})

describe('a new signature for an old token', () => {
  it('keeps a session going as long as it is used, each time with a new token', () => {
    const { client, clock, here, first } = remembered()
    for (let day = 0; day < 400; day++) {
      clock.forward(DAY)
      client.answer(client.visit(here))
      expect(client.token).toMatchObject({ id: first.id, createdAt: first.createdAt, issuedAt: clock.now })
    }
  })

  it('comes after a twentieth of idleTimeout and not before', () => {
    const { client, clock, here } = remembered({ idleTimeout: '100s' })
    const before = client.value
    clock.forward(5)
    client.answer(client.visit(here))
    expect(client.value).toBe(before)
    clock.forward(0.001)
    client.answer(client.visit(here))
    expect(client.token.issuedAt).toBe(clock.now)
  })

  it('sends the cookie with its whole lifetime on every response, signed anew or not', () => {
    const { client, clock, here } = remembered({ idleTimeout: '1h' })
    for (const seconds of [0, 1, 600]) {
      clock.forward(seconds)
      expect(client.answer(client.visit(here))).toContain('; Max-Age=3600;')
    }
  })

  it('does not let the browser keep a cookie beyond the absolute limit', () => {
    const { client, clock, here } = remembered({ idleTimeout: '1h', absoluteTimeout: '90m' })
    clock.forward(50 * 60)
    expect(client.answer(client.visit(here))).toContain('; Max-Age=2400;')
  })
})

describe('a changed secret', () => {
  it('re-issues at once what an older one signed, and keeps the session', () => {
    const place = site()
    const before = backend(place, 'before', { secret: OTHER_SECRET })
    const during = backend(place, 'during', { secret: [SECRET, OTHER_SECRET] })
    const after = backend(place, 'after', { secret: SECRET })
    const client = new Client()
    client.answer(client.visit(before))
    const { id } = client.token
    expect(facts(client.visit(after))).toMatchObject({ state: 'new', reason: 'unknown-key' })
    client.answer(client.visit(during))
    expect(facts(client.visit(after))).toMatchObject({ id, reason: 'valid' })
    expect(client.visit(before).reason).toBe('unknown-key')
  })
})
