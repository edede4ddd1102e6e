import { describe, expect, it } from 'vitest'
import { createOutside } from '../../../src/engine/outside/outside.ts'
import type { Session } from '../../../src/ports/sticky.ts'
import { type Backend, backend, Client, DAY, HOUR, type Site, site } from '../support/backend.ts'
import { places, withData } from '../support/places.ts'

const DESTROYED = { code: 'ERR_LIMPET_DESTROYED', status: 409 }
const EXPIRED = { code: 'ERR_LIMPET_EXPIRED', status: 409 }
const NOT_FOUND = { code: 'ERR_LIMPET_NOT_FOUND', status: 404 }

/** As `limpet.session(id)`. */
const session = ({ engine }: Backend, id: string): Session => createOutside(engine.services).session(id)

const CALLS: readonly (readonly [string, (session: Session) => Promise<unknown>])[] = [
  ['get', (one) => one.get('user')],
  ['has', (one) => one.has('user')],
  ['all', (one) => one.all()],
  ['set', (one) => one.set('cart', 2)],
  ['update', (one) => one.update('cart', () => 2)],
  ['take', (one) => one.take('user')],
  ['delete', (one) => one.delete('user')],
  ['clear', (one) => one.clear()],
  ['touch', (one) => one.touch()],
]

async function rejectAll(make: () => Session, error: object): Promise<void> {
  for (const [name, call] of CALLS) await expect(call(make()), name).rejects.toMatchObject(error)
}

describe.each(places)('a session without its request, with %s', (_, given) => {
  it('reads and writes what requests read and write', async () => {
    const { client, here, there } = await withData(given)
    const outside = session(there, client.token.id)
    expect(await outside.all()).toEqual({ user: 'ada', cart: 1 })
    await outside.set('job', 'done')
    expect(await outside.update('cart', (n) => Number(n) + 1)).toBe(2)
    expect(await outside.take('job')).toBe('done')
    expect([await outside.get('cart'), await outside.has('job'), outside.behind]).toEqual([2, false, false])
    for (const at of [here, there]) expect(await client.visit(at).data.all()).toEqual({ user: 'ada', cart: 2 })
    await client.request(here, (data) => data.set('cart', 3))
    expect(await outside.get('cart')).toBe(3)
    await outside.delete('user')
    await outside.clear()
    await client.request(there, async (data) => {
      expect([await data.all(), data.behind]).toEqual([{}, false])
    })
  })

  it('no update is lost beside those of requests (law 5)', async () => {
    const { client, here, there } = await withData(given)
    const outside = session(there, client.token.id)
    const tabs = Array.from({ length: 6 }, (_, n) => client.visit(n % 2 ? here : there).data)
    const more = (one: { update: Session['update'] }) => one.update('cart', (n) => Number(n) + 1)
    await Promise.all([...tabs, outside, outside, outside].map((one) => more(one as Session)))
    expect(await outside.get('cart')).toBe(10)
  })

  it('destroy: every backend knows, nothing brings it back, and it may be done twice (law 6)', async () => {
    const { client, clock, here, there } = await withData(given)
    const { id } = client.token
    const slow = client.visit(here)
    await session(there, id).destroy()
    await expect(slow.data.set('cart', 2)).rejects.toMatchObject(DESTROYED)
    await rejectAll(() => session(here, id), DESTROYED)
    clock.forward(1)
    await session(here, id).destroy()
    const visit = client.visit(here)
    expect(await visit.data.all()).toEqual({})
    expect(visit.reason).toBe('destroyed')
  })

  it('after a logout or a login by a request, calls reject (law 6)', async () => {
    const { client, here, there } = await withData(given)
    const first = session(there, client.token.id)
    await first.get('user')
    await client.request(here, (_data, visit) => visit.regenerate())
    await rejectAll(() => first, DESTROYED)
    const second = session(there, client.token.id)
    expect(await second.get('user')).toBe('ada')
    await client.request(here, (data) => data.destroy())
    await rejectAll(() => second, DESTROYED)
  })

  it('it never makes a session, neither of an unknown id nor of one that was lost', async () => {
    const place = site(given)
    const here = backend(place)
    const client = new Client()
    await client.request(here, () => undefined)
    await rejectAll(() => session(here, client.token.id), NOT_FOUND)
    expect(await client.visit(here).data.all()).toEqual({})
    await client.request(here, (data) => data.set('user', 'ada'))
    expect(await session(here, client.token.id).get('user')).toBe('ada')
  })

  it('a handle that is kept keeps the data alive by using it, and expires when it does not (law 13)', async () => {
    const { client, clock, here } = await withData(given)
    const socket = session(here, client.token.id)
    await socket.get('user')
    for (let hours = 0; hours < 100; hours += 20) {
      clock.forward(20 * HOUR)
      expect([await socket.get('user'), socket.behind]).toEqual(['ada', false])
    }
    clock.forward(24 * HOUR + 1)
    await rejectAll(() => socket, EXPIRED)
    expect(socket.behind).toBe(false)
  })

  it('what the store has forgotten is expired for whoever knew it, and not found for others; never behind', async () => {
    const { client, clock, here, store } = await withData(given)
    const { id } = client.token
    const socket = session(here, id)
    await socket.get('user')
    // Somebody emptied the store: no backend was told.
    const inner = here.engine.services.store.store
    const absent = async () => ({ kind: 'absent' as const })
    Object.assign(inner, { read: absent, write: absent })
    await rejectAll(() => socket, EXPIRED)
    await rejectAll(() => session(here, id), NOT_FOUND)
    expect(here.events.filter(({ type }) => type === 'behind')).toEqual([])
    expect([clock.now > 0, store.total > 0]).toEqual([true, true])
  })

  it('a lifetime of its own counts', async () => {
    const { client, clock, here, there } = await withData(given)
    await client.request(here, (_data, { sticky }) => sticky.lifetime('30d'))
    const socket = session(there, client.token.id)
    await socket.set('job', 1)
    clock.forward(25 * DAY)
    expect(await socket.get('job')).toBe(1)
    await client.request(here, async (data) => {
      expect([await data.get('job'), data.behind]).toEqual([1, false])
    })
    clock.forward(31 * DAY)
    await expect(socket.get('job')).rejects.toMatchObject(EXPIRED)
  })

  it('absoluteTimeout counts, although there is no token', async () => {
    const { client, clock, here, there } = await withData({ ...given, options: { absoluteTimeout: '2d' } })
    const socket = session(there, client.token.id)
    for (let hours = 0; hours < 40; hours += 20) {
      await socket.update('cart', (n) => Number(n) + 1)
      clock.forward(20 * HOUR)
      await client.request(here, (data) => data.get('user'))
    }
    await client.request(here, (_data, visit) => visit.regenerate())
    const next = session(there, client.token.id)
    expect(await next.get('cart')).toBe(3)
    clock.forward(9 * HOUR)
    await rejectAll(() => next, EXPIRED)
  })
})

describe('a session without its request', () => {
  const failing = async () => {
    throw Object.assign(new Error('away'), { code: 'ERR_LIMPET_STORE', applied: false, outage: true })
  }
  /** From now on the store of this backend does not answer. Returns what ends that. */
  function cutOff({ engine }: Backend): () => void {
    const store = engine.services.store.store as object
    const before = { ...store }
    Object.assign(store, { read: failing, write: failing, touch: failing, destroy: failing })
    return () => Object.assign(store, before)
  }

  it('store away: writes reject, reads are answered from a copy and say so (law 11)', async () => {
    const { client, here, there } = await withData({})
    await client.request(here, (data) => data.get('user'))
    const [known, unknown] = [session(here, client.token.id), session(there, client.token.id)]
    await known.get('user')
    for (const one of [here, there]) cutOff(one)
    const away = { code: 'ERR_LIMPET_STORE' }
    expect([await known.get('user'), known.stale]).toEqual(['ada', true])
    await expect(known.set('cart', 2)).rejects.toMatchObject(away)
    await expect(unknown.get('user')).rejects.toMatchObject(away)
  })

  it('store away: a logout rejects, nothing is served here any more, and the store is told later (laws 6 and 11)', async () => {
    const { client, here, there } = await withData({})
    const { id } = client.token
    const back = cutOff(there)
    const told = {
      code: 'ERR_LIMPET_STORE',
      message: expect.stringContaining('tells the store when that answers again'),
    }
    await expect(session(there, id).destroy()).rejects.toMatchObject(told)
    expect(await client.visit(there).data.all()).toEqual({})
    back()
    there.engine.services.ends.reconnected()
    await expect.poll(async () => (await client.visit(here).data.all()).user, { timeout: 15_000 }).toBeUndefined()
  })

  it('costs nothing before it is used, one command for each look, and one more for the first write', async () => {
    const { client, here, store } = await withData({})
    const before = store.total
    const outside = session(here, client.token.id)
    expect(store.total).toBe(before)
    await outside.get('user')
    await outside.set('cart', 2)
    expect(store.total).toBe(before + 2)
    await session(here, client.token.id).set('cart', 3)
    expect(store.total).toBe(before + 4)
  })

  it.each(['', 'x', 42, undefined, '../../etc', 'x'.repeat(25)])('%j is no id', async (id) => {
    const here = backend(site({}))
    expect(() => session(here, id as string)).toThrow(expect.objectContaining(NOT_FOUND))
  })

  it('values, keys and sizes are refused as in a request', async () => {
    const place: Site = site({ options: { maxSessionBytes: 100 } })
    const here = backend(place)
    const client = new Client()
    await client.request(here, (data) => data.set('user', 'ada'))
    const outside = session(here, client.token.id)
    await expect(outside.set('x', Number.NaN)).rejects.toMatchObject({ code: 'ERR_LIMPET_VALUE' })
    await expect(outside.set('x', 'y'.repeat(99))).rejects.toMatchObject({ code: 'ERR_LIMPET_SIZE' })
    await expect(outside.get(1 as never)).rejects.toMatchObject({ code: 'ERR_LIMPET_KEY' })
    await expect(outside.update('x', undefined as never)).rejects.toMatchObject({ code: 'ERR_LIMPET_UPDATE' })
    expect(() => Object.assign(outside, { user: 'eve' })).toThrow(expect.objectContaining({ code: 'ERR_LIMPET_KEY' }))
    expect(JSON.stringify(outside)).toBe('{"behind":false,"stale":false}')
  })
})
