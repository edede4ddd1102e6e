import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/stores/memory/memory-store.ts'
import { backend, Client, deferred, FakeClock, facts, site } from '../support/backend.ts'
import { places, withData } from '../support/places.ts'

const DESTROYED = { code: 'ERR_LIMPET_DESTROYED' }

describe.each(places)('logout and login while requests overlap, with %s', (_, given) => {
  it('logout: a slow request cannot write any more, and its response carries no cookie (law 6)', async () => {
    const { client, here, there } = await withData(given)
    for (const at of [here, there]) {
      const slow = client.visit(at)
      const old = client.value
      await client.request(here, (session) => session.destroy())
      expect(client.value).not.toBe(old)
      await expect(slow.data.set('user', 'ada')).rejects.toMatchObject(DESTROYED)
      await expect(slow.data.update('user', () => 'ada')).rejects.toMatchObject(DESTROYED)
      await expect(slow.data.delete('cart')).rejects.toMatchObject(DESTROYED)
      await expect(slow.regenerate()).rejects.toMatchObject(DESTROYED)
      expect(await slow.data.get('user')).toBeUndefined()
      expect(client.answer(slow)).toBeUndefined()
      expect(await client.visit(there).data.all()).toEqual({})
      await client.request(here, (session) => session.set({ user: 'ada', cart: 1 }))
    }
  })

  it('logout: who comes back with the old cookie starts anew, and can store again', async () => {
    const { client, clock, here, there } = await withData(given)
    const old = client.value
    await client.request(here, (session) => session.destroy())
    const fresh = client.token.id
    for (const at of [here, there]) {
      clock.forward(1)
      client.value = old
      await client.request(at, async (session, visit) => {
        expect(await session.get('user')).toBeUndefined()
        await session.set('user', 'eve')
        expect(facts(visit)).toMatchObject({ state: 'new', reason: 'destroyed' })
      })
      expect(client.token).toMatchObject({ version: 1 })
      expect(client.token.id).not.toBe(fresh)
      expect(await client.visit(there).data.all()).toEqual({ user: 'eve' })
    }
  })

  it('login: regenerate moves the data and retires the old id in the same way', async () => {
    const { client, clock, here, there } = await withData(given)
    const { id } = client.token
    const old = client.value
    const slow = client.visit(there)
    await client.request(here, async (session, visit) => {
      await visit.regenerate()
      expect(visit.id).not.toBe(id)
      expect(await session.all()).toEqual({ user: 'ada', cart: 1 })
      await session.set('role', 'admin')
    })
    await expect(slow.data.set('cart', 9)).rejects.toMatchObject(DESTROYED)
    expect(client.answer(slow)).toBeUndefined()
    expect(await client.visit(there).data.all()).toEqual({ user: 'ada', cart: 1, role: 'admin' })
    clock.forward(1)
    client.value = old
    expect(await client.visit(there).data.all()).toEqual({})
  })

  it('a write under way when its own request regenerates arrives under the new id', async () => {
    const { client, here } = await withData(given)
    await client.request(here, async (session, visit) => {
      await Promise.all([visit.regenerate(), session.set('cart', 2), session.update('user', () => 'eve')])
    })
    expect(await client.visit(here).data.all()).toEqual({ user: 'eve', cart: 2 })
  })

  it.each([
    ['of a new client', false],
    ['of a client that has stored nothing yet', true],
  ])(
    'the first write %s, under way when its own request regenerates, arrives under the new id',
    async (_title, known) => {
      const { here, there } = await withData(given)
      const newcomer = new Client()
      if (known) newcomer.answer(newcomer.visit(here))
      await newcomer.request(here, async (session, visit) => {
        await Promise.all([session.set('user', 'eve'), visit.regenerate(), session.set('cart', 1)])
        expect(await session.all()).toEqual({ user: 'eve', cart: 1 })
      })
      expect(await newcomer.visit(there).data.all()).toEqual({ user: 'eve', cart: 1 })
    },
  )

  it.each([
    ['a new client', false],
    ['a client that has stored nothing yet', true],
  ])(
    'a first write that sets out just after its own request has begun to regenerate arrives as well: %s',
    async (_title, known) => {
      const { here, there } = await withData(given)
      const newcomer = new Client()
      if (known) newcomer.answer(newcomer.visit(here))
      await newcomer.request(here, async (session, visit) => {
        await Promise.all([visit.regenerate(), session.set('user', 'eve')])
        expect(await session.get('user')).toBe('eve')
      })
      expect(await newcomer.visit(there).data.all()).toEqual({ user: 'eve' })
    },
  )

  it('one request that regenerates twice at once, still has one usable session', async () => {
    const { client, here } = await withData(given)
    const visit = client.visit(here)
    await Promise.allSettled([visit.regenerate(), visit.regenerate()])
    expect(client.answer(visit)).toMatch(/^limpet=/)
    expect(await client.visit(here).data.all()).toEqual({ user: 'ada', cart: 1 })
  })

  it('the same, where the second answer is late', async () => {
    const clock = new FakeClock()
    const memory = memoryStore({ now: clock.read })
    const late = deferred()
    let moves = 0
    const move: typeof memory.move = async (...args) => {
      const second = ++moves === 2
      const result = await memory.move(...args)
      if (second) await late.promise
      return result
    }
    const { client, here } = await withData({ ...given, clock, behind: { ...memory, move } })
    const visit = client.visit(here)
    const both = [visit.regenerate(), visit.regenerate()]
    await both[0]
    late.resolve()
    await Promise.allSettled(both)
    expect(client.answer(visit)).toMatch(/^limpet=/)
    expect(await client.visit(here).data.all()).toEqual({ user: 'ada', cart: 1 })
  })

  it('one request that logs out twice at once, still sends the cookie of a new session', async () => {
    const { client, here } = await withData(given)
    const { id } = client.token
    const visit = client.visit(here)
    await Promise.all([visit.data.destroy(), visit.data.destroy()])
    expect(client.answer(visit)).toMatch(/^limpet=/)
    expect(client.token.id).not.toBe(id)
    await client.request(here, (session) => session.set('user', 'eve'))
    expect(await client.visit(here).data.all()).toEqual({ user: 'eve' })
  })

  it('two requests that log out at once, leave the session destroyed and a client with a cookie', async () => {
    const { client, here, there } = await withData(given)
    const [one, other] = [client.visit(here), client.visit(there)]
    await Promise.all([one.data.destroy(), other.data.destroy()])
    const cookies = [client.answer(one), client.answer(other)]
    expect(cookies.filter((cookie) => cookie !== undefined)).toHaveLength(1)
    expect(await client.visit(there).data.all()).toEqual({})
  })
})

describe('a session that has stored nothing yet', () => {
  it('cannot be filled by a slow request after its logout on this backend', async () => {
    const place = site()
    const here = backend(place)
    const client = new Client()
    client.answer(client.visit(here))
    const slow = client.visit(here)
    await client.request(here, (session) => session.destroy())
    await expect(slow.data.set('user', 'ada')).rejects.toMatchObject(DESTROYED)
    expect(client.answer(slow)).toBeUndefined()
  })

  it('cannot be filled under the old id after regenerate on this backend', async () => {
    const place = site()
    const here = backend(place)
    const client = new Client()
    client.answer(client.visit(here))
    const slow = client.visit(here)
    await client.request(here, (_, visit) => visit.regenerate())
    await expect(slow.data.set('user', 'ada')).rejects.toMatchObject(DESTROYED)
    await expect(slow.regenerate()).rejects.toMatchObject(DESTROYED)
    expect(place.store.calls.write).toBe(0)
  })

  it('is read at once where another request has just written to it', async () => {
    const place = site()
    const here = backend(place)
    const client = new Client()
    client.answer(client.visit(here))
    const old = client.value
    await client.request(here, (session) => session.set('user', 'ada'))
    client.value = old
    expect(await client.visit(here).data.get('user')).toBe('ada')
  })
})
