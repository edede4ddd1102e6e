import { describe, expect, it } from 'vitest'
import { backend, Client, DAY, HOUR, site } from '../support/backend.ts'
import { places, withData } from '../support/places.ts'

const MONTH = 30 * DAY

describe.each(places)('a lifetime of its own, with %s', (_, given) => {
  it('is in the token, the cookie and the store, for other backends too', async () => {
    const { client, clock, here, there } = await withData(given)
    const visit = client.visit(here)
    await visit.sticky.lifetime('30d')
    expect(client.answer(visit)).toContain(`Max-Age=${MONTH};`)
    expect(client.token.lifetime).toBe(MONTH * 1000)
    clock.forward(29 * DAY)
    for (const at of [there, here]) {
      await client.request(at, async (session, { reason }) => {
        expect([reason, await session.get('user'), session.behind]).toEqual(['valid', 'ada', false])
      })
    }
    clock.forward(31 * DAY)
    expect(client.visit(there).reason).toBe('expired')
  })

  it('goes along with a new id', async () => {
    const { client, clock, here, there } = await withData(given)
    await client.request(here, (_session, { sticky }) => sticky.lifetime('30d'))
    await client.request(there, (_session, visit) => visit.regenerate({ role: 'admin' }))
    expect(client.token.lifetime).toBe(MONTH * 1000)
    clock.forward(20 * DAY)
    expect(await client.visit(here).data.all()).toEqual({ user: 'ada', cart: 1, role: 'admin' })
  })

  it('is learned by a tab that did not set it, with what it writes or reads (law 5)', async () => {
    const { client, here, there } = await withData(given)
    for (const work of ['write', 'read'] as const) {
      const tab = new Client()
      tab.value = client.value
      await client.request(here, (_session, { sticky }) => sticky.lifetime(work === 'write' ? '30d' : '20d'))
      await tab.request(there, (session) => (work === 'write' ? session.set('cart', 2) : session.get('cart')))
      expect(tab.token.lifetime).toBe((work === 'write' ? 30 : 20) * DAY * 1000)
      client.value = tab.value
    }
  })

  it('null: ends as the others do again', async () => {
    const { client, clock, here, there } = await withData(given)
    await client.request(here, (_session, { sticky }) => sticky.lifetime('30d'))
    await client.request(there, (_session, { sticky }) => sticky.lifetime(null))
    expect(client.token.lifetime).toBeUndefined()
    await client.request(here, (session) => session.set('cart', 2))
    expect(client.token.lifetime).toBeUndefined()
    clock.forward(25 * HOUR)
    expect(client.visit(here).reason).toBe('expired')
  })
})

describe('a lifetime of its own', () => {
  it('is stored, so that data which a tab with an older token wrote is kept for as long', async () => {
    const { client, clock, here, there } = await withData({})
    const tab = new Client()
    tab.value = client.value
    await client.request(here, (_session, { sticky }) => sticky.lifetime('30d'))
    await tab.request(there, (session) => session.set('cart', 2))
    await there.engine.settled()
    clock.forward(29 * DAY)
    client.value = tab.value
    await client.request(here, async (session) => {
      expect([await session.get('cart'), session.behind]).toEqual([2, false])
    })
  })

  it('absoluteTimeout ends the session all the same', async () => {
    const { client, clock, here } = await withData({ options: { absoluteTimeout: '7d' } })
    const visit = client.visit(here)
    await visit.sticky.lifetime('30d')
    expect(client.answer(visit)).toContain(`Max-Age=${7 * DAY};`)
    clock.forward(8 * DAY)
    expect(client.visit(here).reason).toBe('too-old')
  })

  it('the cookie survives the browser, also where others do not', async () => {
    const { client, here } = await withData({ options: { cookie: { lifetime: 'session' } } })
    const plain = client.visit(here)
    await plain.data.set('cart', 2)
    expect(client.answer(plain)).not.toContain('Max-Age')
    const visit = client.visit(here)
    await visit.sticky.lifetime('30d')
    expect(client.answer(visit)).toContain(`Max-Age=${MONTH};`)
    await client.request(here, (_session, { sticky }) => sticky.lifetime(null))
    expect(client.answer(client.visit(here))).not.toContain('Max-Age')
  })

  it('is awaited like any write: a session that has stored nothing stores it (law 3)', async () => {
    const place = site({})
    const here = backend(place)
    const client = new Client()
    await client.request(here, (_session, { sticky }) => sticky.lifetime(null))
    expect(place.store.total).toBe(0)
    await client.request(here, (_session, { sticky }) => sticky.lifetime(MONTH * 1000))
    expect(place.store.calls).toMatchObject({ read: 0, write: 1 })
    expect(client.token).toMatchObject({ version: 1, lifetime: MONTH * 1000 })
  })

  it.each([undefined, '', 'soon', 0, -1, '11y', {}])('%j is refused', async (wrong) => {
    const { sticky } = new Client().visit(backend(site({})))
    const refused = { code: 'ERR_LIMPET_OPTIONS', message: expect.stringMatching(/the lifetime of a session must be/) }
    await expect(sticky.lifetime(wrong as never)).rejects.toMatchObject(refused)
  })

  it('a logout is remembered for as long, also by whoever does not know it (law 6)', async () => {
    const { client, clock, here, there, ...place } = await withData({})
    const tab = new Client()
    tab.value = client.value
    await client.request(here, (_session, { sticky }) => sticky.lifetime('30d'))
    const stolen = client.value
    await tab.request(there, (session) => session.destroy())
    clock.forward(29 * DAY)
    const thief = new Client()
    thief.value = stolen
    await thief.request(backend({ clock, ...place }, 'fresh'), async (session, visit) => {
      await session.set('user', 'eve')
      expect([visit.reason, session.behind]).toEqual(['destroyed', false])
    })
  })
})
