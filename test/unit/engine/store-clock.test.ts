import { describe, expect, it } from 'vitest'
import { createStoreClock } from '../../../src/engine/process/store-clock.ts'
import { Warnings } from '../../../src/engine/process/warnings.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import type { LimpetEvent } from '../../../src/ports/events.ts'
import { backend, Client, site } from '../support/backend.ts'

const NOW = 1_800_000_000_000
const MINUTE = 60_000

/** Two clocks that a test sets, and what was warned of. */
function clocks(shared: number | undefined, own = NOW) {
  const at = { shared, own }
  const events: LimpetEvent[] = []
  const store = { ...memoryStore(), now: () => at.shared }
  const clock = createStoreClock(store, () => at.own, new Warnings((event) => events.push(event)))
  return { at, clock, messages: () => events.map((event) => (event.type === 'warning' ? event.message : event.type)) }
}

describe('what time it is', () => {
  it('the store knows, where it has a clock', () => {
    const { at, clock } = clocks(NOW + 1000)
    expect(clock.now()).toBe(NOW + 1000)
    expect(clock.isMeasured()).toBe(true)
    at.shared = NOW + 2000
    expect(clock.now()).toBe(NOW + 2000)
  })

  it('is told in whole milliseconds, whatever the store counts in: a token has no room for fractions', async () => {
    const place = site()
    const store = { ...place.store.connect(), now: () => place.clock.now + 0.75 }
    const client = new Client()
    await client.request(backend(place, 'here', { store }), (session) => session.set('cart', 1))
    const now = place.clock.now
    expect(client.token).toMatchObject({ createdAt: now, touchedAt: now, issuedAt: now })
  })

  it("this backend's clock says until the store's was measured, and it is known that it was not", () => {
    const { at, clock, messages } = clocks(undefined)
    expect(clock.now()).toBe(NOW)
    expect(clock.isMeasured()).toBe(false)
    at.shared = NOW - MINUTE
    expect(clock.now()).toBe(NOW - MINUTE)
    expect(clock.isMeasured()).toBe(true)
    expect(messages()).toHaveLength(1)
  })

  it("this backend's clock says it again as soon as the store's is in doubt", () => {
    const { at, clock } = clocks(NOW + 1000)
    expect(clock.now()).toBe(NOW + 1000)
    at.shared = undefined
    expect(clock.now()).toBe(NOW)
    expect(clock.isMeasured()).toBe(false)
  })

  it("this backend's clock says, where the store has none, and nothing better will come", () => {
    const clock = createStoreClock(memoryStore(), () => NOW, new Warnings(() => undefined))
    expect(clock.now()).toBe(NOW)
    expect(clock.isMeasured()).toBe(true)
  })
})

describe('clocks that differ', () => {
  it.each([
    [NOW - 90_000, /^this backend's clock is 90 seconds ahead of the store's, by which times are judged\./],
    [NOW + 5000, /^this backend's clock is 5 seconds behind the store's, by which times are judged\./],
  ])('the store at %i: one warning, with the seconds in it', (shared, message) => {
    const { at, clock, messages } = clocks(shared)
    for (let i = 0; i < 5; i++) {
      clock.now()
      at.own += MINUTE
    }
    expect(messages()).toEqual([expect.stringMatching(message)])
  })

  it('by less than five seconds: no word', () => {
    for (const shared of [NOW - 4999, NOW, NOW + 4999]) {
      const { clock, messages } = clocks(shared)
      clock.now()
      expect(messages()).toEqual([])
    }
  })

  it('are noticed when they part later, within a minute', () => {
    const { at, clock, messages } = clocks(NOW)
    clock.now()
    at.own += 2 * MINUTE
    at.shared = NOW + MINUTE - 1
    clock.now()
    expect(messages()).toEqual([])
    at.shared += 1
    clock.now()
    expect(messages()).toEqual([expect.stringContaining('60 seconds ahead')])
  })

  it("are noticed at once when the store's was set back by a minute", () => {
    const { at, clock, messages } = clocks(NOW)
    clock.now()
    at.shared = NOW - MINUTE
    clock.now()
    expect(messages()).toEqual([expect.stringContaining('60 seconds ahead')])
  })
})
