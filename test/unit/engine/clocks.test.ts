import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import { backend, Client, DAY, FakeClock, facts, HOUR, site } from '../support/backend.ts'

const MINUTE = 60

/** Two backends, the second of which is `seconds` ahead, over a store with a clock of its own. */
function apart(seconds: number, storeHasClock = true) {
  const clock = new FakeClock()
  const place = site({ clock, ...(storeHasClock && { now: clock.read }) })
  const right = backend(place, 'right')
  const wrong = backend(place, 'wrong', { ownClock: () => clock.read() + seconds * 1000 })
  return { ...place, right, wrong }
}

const skews = [2 * MINUTE, 10 * MINUTE, 2 * DAY].flatMap((seconds) => [seconds, -seconds])

describe('backends whose clocks differ (law 13)', () => {
  it.each(skews)('keep the session through each change of backend: one is %d seconds ahead', async (seconds) => {
    const { clock, right, wrong } = apart(seconds)
    const client = new Client()
    await client.request(wrong, (session) => session.set('user', 'ada'))
    const { id } = client.token
    for (let i = 0; i < 10; i++) {
      clock.forward(HOUR)
      for (const at of [right, wrong]) {
        await client.request(at, async (session, visit) => {
          expect(await session.get('user')).toBe('ada')
          expect(visit.id).toBe(id)
          expect(session.behind).toBe(false)
        })
      }
    }
  })

  it.each(skews)('end it at the same moment: one is %d seconds ahead', async (seconds) => {
    const { clock, right, wrong } = apart(seconds)
    const client = new Client()
    await client.request(wrong, (session) => session.set('user', 'ada'))
    clock.forward(DAY)
    for (const at of [right, wrong]) expect(client.visit(at).reason).toBe('valid')
    clock.forward(1)
    for (const at of [right, wrong]) expect(client.visit(at).reason).toBe('expired')
  })

  it('report it once, with the number of seconds', async () => {
    const { right, wrong } = apart(-600)
    for (let i = 0; i < 5; i++) for (const at of [right, wrong]) new Client().visit(at)
    const said = (events: typeof right.events) =>
      events.filter((event) => event.type === 'warning' && event.code === 'clock-skew')
    expect(said(right.events)).toEqual([])
    expect(said(wrong.events)).toMatchObject([{ message: expect.stringMatching(/600 seconds behind/) }])
  })

  it('without a clock of the store: a token from the future counts as signed now, is signed anew, and that is reported', async () => {
    const { right, wrong } = apart(10 * MINUTE, false)
    const client = new Client()
    await client.request(wrong, (session) => session.set('user', 'ada'))
    const { id } = client.token
    await client.request(right, async (session, visit) => {
      expect(facts(visit)).toMatchObject({ id, reason: 'valid', state: 'adopted' })
      expect(await session.get('user')).toBe('ada')
    })
    expect(client.token.owner).toBe('right')
    expect(right.events).toContainEqual(
      expect.objectContaining({ code: 'clock-skew', message: expect.stringMatching(/600 seconds ahead/) }),
    )
  })

  it('a tombstone outlives a token that was signed by a clock which is ahead', async () => {
    const { right, wrong, ...place } = apart(10 * DAY, false)
    const client = new Client()
    await client.request(wrong, (session) => session.set('user', 'ada'))
    const old = client.value
    await client.request(right, (session) => session.destroy())
    place.clock.forward(10 * DAY)
    client.value = old
    const visit = client.visit(backend(place, 'one that knows nothing of the logout'))
    expect(visit.reason).toBe('valid')
    expect(await visit.data.all()).toEqual({})
    expect(visit.reason).toBe('destroyed')
  })
})

describe('as long as the clock of the store was not measured (law 13)', () => {
  function unmeasured() {
    const clock = new FakeClock()
    let isMeasured = false
    const place = site({ clock, now: () => (isMeasured ? clock.read() : undefined) })
    const right = backend(place, 'right')
    const ahead = backend(place, 'ahead', { ownClock: () => clock.read() + 2 * DAY * 1000 })
    const measure = () => {
      isMeasured = true
    }
    return { right, ahead, measure }
  }

  it('an expired token is believed: it may be this backend that is wrong', async () => {
    const { right, ahead, measure } = unmeasured()
    const client = new Client()
    await client.request(right, (session) => session.set('user', 'ada'))
    const { id } = client.token
    await client.request(ahead, async (session, visit) => {
      expect(facts(visit)).toMatchObject({ id, reason: 'valid' })
      expect(await session.get('user')).toBe('ada')
    })
    const under = client.visit(ahead)
    measure()
    expect(await under.data.get('user'), 'also while it is measured').toBe('ada')
    expect(await client.visit(right).data.get('user')).toBe('ada')
  })

  it('an expired token is not signed anew when it is measured before the response leaves', async () => {
    const clock = new FakeClock()
    let isMeasured = true
    const here = backend(site({ clock, now: () => (isMeasured ? clock.read() : undefined) }), 'here')
    const client = new Client()
    await client.request(here, (session) => session.set('user', 'ada'))
    const { value } = client
    clock.forward(DAY + 1)
    isMeasured = false
    const visit = client.visit(here)
    isMeasured = true
    await expect(visit.data.get('user')).rejects.toMatchObject({ code: 'ERR_LIMPET_EXPIRED' })
    client.answer(visit)
    expect(client.value).toBe(value)
    expect(client.visit(here).reason).toBe('expired')
  })

  it.each([10, 2 * DAY])(
    'a session that begins there is kept by all others: this clock is %d seconds behind',
    async (seconds) => {
      const clock = new FakeClock()
      const known = { right: true, behind: false }
      const at = (name: 'right' | 'behind', own: () => number) => {
        const place = site({ clock, behind: memory, now: () => (known[name] ? clock.read() : undefined) })
        return backend(place, name, { ownClock: own, idleTimeout: '5s' })
      }
      const memory = memoryStore({ now: clock.read })
      const right = at('right', clock.read)
      const behind = at('behind', () => clock.read() - seconds * 1000)
      const client = new Client()
      client.answer(client.visit(behind))
      const { id } = client.token
      clock.forward(1)
      await client.request(right, (session, visit) => {
        expect(facts(visit)).toMatchObject({ id, reason: 'valid' })
        return session.set('user', 'ada')
      })
      expect(client.token.issuedAt).toBe(clock.now)
      expect(client.token.createdAt).toBe(clock.now)
      clock.forward(4)
      const { issuedAt } = client.token
      client.answer(client.visit(behind))
      expect(client.token.issuedAt, 'no time is signed by a clock that may be off').toBe(issuedAt)
      clock.forward(4)
      expect(client.visit(right).reason, 'so the last time that is known counts').toBe('expired')
    },
  )
})

describe('a timeout', () => {
  it('ends a session at that time, not a minute later (law 13)', () => {
    const place = site({ options: { idleTimeout: '2s' } })
    const here = backend(place)
    const client = new Client()
    expect(client.answer(client.visit(here))).toContain('Max-Age=2;')
    place.clock.forward(2)
    expect(client.visit(here).reason).toBe('valid')
    place.clock.forward(0.001)
    expect(client.visit(here).reason).toBe('expired')
  })
})
