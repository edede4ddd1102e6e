import { describe, expect, it } from 'vitest'
import { backend, Client, HOUR, site } from '../support/backend.ts'
import { places, withData } from '../support/places.ts'

const DESTROYED = { code: 'ERR_LIMPET_DESTROYED' }

describe.each(places)('has, take, clear and touch, with %s', (_, given) => {
  it('has: whether there is such a key', async () => {
    const { client, there } = await withData(given)
    const { session } = client.visit(there).sticky
    expect([await session.has('user'), await session.has('users')]).toEqual([true, false])
  })

  it('take: reads and removes', async () => {
    const { client, here, there } = await withData(given)
    await client.request(here, (session) => session.set('flash', { text: 'saved' }))
    await client.request(there, async (_session, { sticky }) => {
      expect(await sticky.session.take('flash')).toEqual({ text: 'saved' })
      expect(await sticky.session.take('flash')).toBeUndefined()
    })
    expect(await client.visit(here).data.all()).toEqual({ user: 'ada', cart: 1 })
  })

  it('take: of many at once, on both backends, one gets it (law 5)', async () => {
    const { client, here, there } = await withData(given)
    for (let round = 0; round < 5; round++) {
      await client.request(here, (session) => session.set('flash', round))
      const visits = Array.from({ length: 12 }, (_, n) => client.visit(n % 2 ? here : there))
      const taken = await Promise.all(visits.map(({ sticky }) => sticky.session.take('flash')))
      expect(taken.filter((value) => value !== undefined)).toEqual([round])
      for (const visit of visits) client.answer(visit)
    }
  })

  it('clear: removes all keys, and keeps the id and the lifetime', async () => {
    const { client, here, there } = await withData(given)
    await client.request(here, (_session, { sticky }) => sticky.lifetime('30d'))
    const { id, lifetime } = client.token
    await client.request(there, (_session, { sticky }) => sticky.session.clear())
    expect(client.token).toMatchObject({ id, lifetime })
    for (const at of [here, there]) expect(await client.visit(at).data.all()).toEqual({})
    await client.request(here, (session) => session.set('cart', 2))
    expect(await client.visit(there).data.all()).toEqual({ cart: 2 })
  })

  it('touch: the data lives on, and nothing is read', async () => {
    const { client, clock, here, store } = await withData(given)
    clock.forward(HOUR)
    const { read, write } = store.calls
    await client.request(here, (_session, { sticky }) => sticky.session.touch())
    expect(store.calls).toMatchObject({ read, write, touch: 1 })
    expect(client.token.touchedAt).toBe(clock.now)
  })

  it('after a logout: nothing is there to take, and the others reject (law 6)', async () => {
    const { client, here, there } = await withData(given)
    const { sticky } = client.visit(there)
    await client.request(here, (session) => session.destroy())
    await expect(sticky.session.clear()).rejects.toMatchObject(DESTROYED)
    await expect(sticky.session.touch()).rejects.toMatchObject(DESTROYED)
    expect(await sticky.session.take('user')).toBeUndefined()
    expect(await sticky.session.has('user')).toBe(false)
  })
})

describe('has, take, clear and touch', () => {
  it('a new session: no store command (law 7)', async () => {
    const place = site({})
    const { session } = new Client().visit(backend(place)).sticky
    expect([await session.has('user'), await session.take('flash')]).toEqual([false, undefined])
    await session.clear()
    await session.touch()
    expect(place.store.total).toBe(0)
  })

  it('take of what is not there writes nothing, and a copy answers it', async () => {
    const { client, here, store } = await withData({})
    await client.request(here, (session) => session.get('user'))
    const before = store.total
    await client.request(here, (_session, { sticky }) => sticky.session.take('flash'))
    expect(store.total).toBe(before)
  })

  it('store away: take and clear reject, has answers from a copy and says so (law 11)', async () => {
    const { client, here, store } = await withData({ local: false })
    await client.request(here, (session) => session.get('user'))
    const failing = async () => {
      throw Object.assign(new Error('away'), { code: 'ERR_LIMPET_STORE', applied: false, outage: true })
    }
    const inner = here.engine.services.store.store as { read: unknown; write: unknown; touch: unknown }
    Object.assign(inner, { read: failing, write: failing, touch: failing })
    here.engine.deafen()
    const { session } = client.visit(here).sticky
    const away = { code: 'ERR_LIMPET_STORE' }
    await expect(session.take('user')).rejects.toMatchObject(away)
    await expect(session.clear()).rejects.toMatchObject(away)
    await expect(session.touch()).rejects.toMatchObject(away)
    expect([await session.has('user'), session.stale]).toEqual([true, true])
    expect(store.calls.write).toBeGreaterThan(0)
  })

  it('methods may be taken off', async () => {
    const { client, here } = await withData({})
    const { sticky } = client.visit(here)
    const { has, take, clear, touch } = sticky.session
    await touch()
    expect([await has('cart'), await take('cart'), await has('cart')]).toEqual([true, 1, false])
    await clear()
    const { lifetime, label } = sticky
    await lifetime('1h')
    await label('user:ada')
    expect(client.answer(client.visit(here))).toBeDefined()
  })
})
