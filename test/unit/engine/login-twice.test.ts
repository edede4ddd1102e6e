import { describe, expect, it } from 'vitest'
import { StoreError } from '../../../src/core/errors.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import { type Backend, backend, Client, FakeClock, facts, HOUR, site, type Visit } from '../support/backend.ts'
import { places, withData } from '../support/places.ts'

const DESTROYED = { code: 'ERR_LIMPET_DESTROYED', status: 409 }

function holding(cookie: string | undefined): Client {
  const client = new Client()
  client.value = cookie
  return client
}

/** What every cookie shows on every backend, one after the other. */
async function shown(cookies: readonly (string | undefined)[], backends: readonly Backend[]) {
  const all: object[] = []
  for (const cookie of cookies) for (const at of backends) all.push(await holding(cookie).visit(at).data.all())
  return all
}

/** A login, and a second one with the old cookie that arrived a second after the first had changed the id. */
async function twice(given: Parameters<typeof withData>[0], { values = true, at = 'there' as 'here' | 'there' } = {}) {
  const place = await withData(given)
  const { client, clock, here } = place
  const old = client.value
  await client.request(here, (_session, visit) => visit.regenerate({ user: 'ada', role: 'admin' }))
  clock.forward(1)
  const second = holding(old)
  const visit = second.visit(place[at])
  await visit.regenerate(values ? { user: 'bob' } : undefined)
  second.answer(visit)
  return { ...place, old, first: client.value, second, visit }
}

describe.each(places)('a login form whose second request arrives late, with %s', (_, given) => {
  it.each(['here', 'there'] as const)('begins a session that has nothing of the old one: %s', async (at) => {
    const { clock, here, there, second, visit, first } = await twice(given, { at })
    expect(facts(visit)).toMatchObject({ state: 'new', reason: 'destroyed', id: second.token.id })
    expect(second.token).toMatchObject({ createdAt: clock.now, touchedAt: clock.now, pendingFrom: undefined })
    expect(await shown([second.value], [here, there])).toEqual(Array(2).fill({ user: 'bob' }))
    expect(await shown([first], [here, there])).toEqual(Array(2).fill({ user: 'ada', cart: 1, role: 'admin' }))
    await second.request(there, async (session) => {
      await session.set('cart', 2)
      expect(session.behind).toBe(false)
    })
    expect(await shown([second.value], [here, there])).toEqual(Array(2).fill({ user: 'bob', cart: 2 }))
  })

  it.each([
    ['the second', 'second'],
    ['the first', 'first'],
    ['neither', 'old'],
  ] as const)('a logout with the cookie of %s ends both (law 6)', async (_title, which) => {
    for (const values of [true, false]) {
      const { clock, here, there, first, second, old } = await twice(given, { values })
      if (!values) await second.request(here, (session) => session.set('user', 'bob'))
      const cookies = [first, second.value, old]
      clock.forward(1)
      await holding({ first, second: second.value, old }[which]).request(there, (session) => session.destroy())
      expect(await shown(cookies, [here, there])).toEqual(Array(6).fill({}))
    }
  })

  it('so does one in the very request that began it (law 6)', async () => {
    const { client, clock, here, there } = await withData(given)
    const second = holding(client.value)
    await client.request(here, (_session, visit) => visit.regenerate())
    clock.forward(1)
    await second.request(there, async (session, visit) => {
      await visit.regenerate({ user: 'bob' })
      await session.destroy()
    })
    expect(await shown([client.value, second.value], [here, there])).toEqual(Array(4).fill({}))
  })

  it('a logout later than ten seconds ends its own session alone', async () => {
    const { clock, here, there, first, second } = await twice(given)
    clock.forward(11)
    await second.request(there, (session) => session.destroy())
    expect(await shown([first], [here, there])).toEqual(Array(2).fill({ user: 'ada', cart: 1, role: 'admin' }))
  })

  it('also where the session had stored nothing, and the login stores in a second step (law 6)', async () => {
    const { here, there, clock } = await withData(given)
    const visitor = new Client()
    visitor.answer(visitor.visit(here))
    const second = holding(visitor.value)
    for (const [client, at] of [
      [visitor, here],
      [second, there],
    ] as const) {
      clock.forward(1)
      await client.request(at, async (session, visit) => {
        await visit.regenerate()
        await session.set('user', 'ada')
      })
    }
    await second.request(there, (session) => session.destroy())
    expect(await shown([visitor.value, second.value], [here, there])).toEqual(Array(4).fill({}))
  })

  it('through several changes of id, and with the cookies in between (law 6)', async () => {
    for (const which of [0, 1, 2, 3]) {
      const { clock, here, there, first, second } = await twice(given)
      const [one, other] = [holding(first), second]
      const cookies = [one.value, other.value]
      for (const client of [one, other]) {
        clock.forward(1)
        await client.request(here, (_session, visit) => visit.regenerate())
        cookies.push(client.value)
      }
      await holding(cookies[which]).request(there, (session) => session.destroy())
      expect(await shown(cookies, [here, there])).toEqual(Array(8).fill({}))
    }
  })

  it('is refused where it was under way when somebody logged out, and begins anew where it comes later', async () => {
    for (const knows of [true, false]) {
      const { client, clock, here, there } = await withData(given)
      const old = client.value
      await client.request(here, (_session, visit) => visit.regenerate({ role: 'admin' }))
      clock.forward(1)
      const underWay = holding(old).visit(knows ? here : there)
      clock.forward(1)
      await client.request(here, (session) => session.destroy())
      clock.forward(1)
      await expect(underWay.regenerate({ user: 'bob' })).rejects.toMatchObject(DESTROYED)
      expect(underWay.setCookie()).toBeUndefined()
      const later = holding(old)
      await later.request(knows ? here : there, (_session, visit) => visit.regenerate({ user: 'bob' }))
      expect(await shown([later.value], [here, there])).toEqual(Array(2).fill({ user: 'bob' }))
      expect(await shown([client.value], [here, there])).toEqual([{}, {}])
    }
  })

  it('lives as long as any new session, whatever the old one had left', async () => {
    const options = { absoluteTimeout: '1h', idleTimeout: '1h' } as const
    const { client, clock, here, there } = await withData({ ...given, options })
    clock.forward(HOUR - 60)
    const second = holding(client.value)
    await client.request(here, (_session, visit) => visit.regenerate())
    clock.forward(1)
    await second.request(there, (_session, visit) => visit.regenerate({ user: 'bob' }))
    clock.forward(HOUR - 60)
    await second.request(there, async (session) => {
      expect(await session.all()).toEqual({ user: 'bob' })
      expect(session.behind).toBe(false)
    })
    clock.forward(120)
    expect(facts(second.visit(there))).toMatchObject({ reason: 'too-old' })
  })

  it('more of them than the store follows begin sessions of their own', async () => {
    const { client, clock, here, there } = await withData(given)
    const old = client.value
    await client.request(here, (_session, visit) => visit.regenerate())
    clock.forward(1)
    for (let n = 0; n < 25; n++) {
      const login = holding(old)
      await login.request(n % 2 ? here : there, (_session, visit) => visit.regenerate({ n }))
      expect(await login.visit(here).data.all()).toEqual({ n })
    }
  })
})

describe('a late login whose outcome nobody knows', () => {
  it.each([true, false])('(it happened: %s) is a session of the family, or none', async (applies) => {
    const clock = new FakeClock()
    const memory = memoryStore({ now: clock.read })
    let isLost = false
    const move: typeof memory.move = async (from, to, how) => {
      if (!isLost) return memory.move(from, to, how)
      isLost = false
      if (applies) await memory.move(from, to, how)
      throw new StoreError('the answer got lost', { applied: 'unknown', outage: false })
    }
    const { client, here, there } = await withData({ clock, behind: { ...memory, move } })
    const second = holding(client.value)
    const old = client.token
    await client.request(here, (_session, visit) => visit.regenerate({ role: 'admin' }))
    clock.forward(1)
    isLost = true
    await second.request(there, (_session, visit) =>
      expect(visit.regenerate({ user: 'bob' })).rejects.toMatchObject({ applied: 'unknown' }),
    )
    expect(second.token.pendingFrom).toBe(old.id)
    const pending = second.value
    for (const at of [here, there]) {
      const visit: Visit = holding(pending).visit(at)
      expect(await visit.data.all()).toEqual(applies ? { user: 'bob' } : {})
      expect(visit.data.behind).toBe(false)
    }
    // Who logs in again is logged in, and belongs to the others.
    const again = holding(pending)
    await again.request(there, async (session, visit) => {
      await visit.regenerate({ user: 'carl' })
      expect(session.behind).toBe(false)
    })
    expect(await again.visit(here).data.all()).toEqual({ user: 'carl' })
    await again.request(here, (session) => session.destroy())
    expect(await shown([client.value, again.value, pending], [here, there])).toEqual(Array(6).fill({}))
  })
})

describe('a store whose clock was set back after the move', () => {
  it('still ends all that came of it (law 6)', async () => {
    const { client, clock, here, there } = await withData()
    const second = holding(client.value)
    await client.request(here, (_session, visit) => visit.regenerate())
    clock.forward(-3600)
    const place = { here, there }
    await second.request(place.there, (_session, visit) => visit.regenerate({ user: 'bob' }))
    expect(await second.visit(there).data.all()).toEqual({ user: 'bob' })
    await second.request(there, (session) => session.destroy())
    expect(await shown([client.value, second.value], [here, there])).toEqual(Array(4).fill({}))
  })
})

describe('a third backend, which knows of nothing', () => {
  it('sends a late login to the store like any other', async () => {
    const { clock, store, options, old, first, second } = await twice({})
    const third = backend({ clock, store, options }, 'third')
    const login = holding(old)
    await login.request(third, (_session, visit) => visit.regenerate({ user: 'eve' }))
    await login.request(third, (session) => session.destroy())
    expect(await shown([first, second.value], [third])).toEqual([{}, {}])
  })
})

describe('a login whose move is in doubt, at a backend that does not know the time', () => {
  it.each([
    ['takes nothing along from a session that had moved before', true, {}],
    ['moves what is there', false, { cart: 'shell', note: 'x' }],
  ])('%s (laws 6 and 13)', async (_, hasMoved, held) => {
    const clock = new FakeClock()
    const memory = memoryStore({ now: clock.read })
    const lost: typeof memory.move = async () => {
      throw new StoreError('never arrived', { applied: 'unknown', outage: true })
    }
    const here = backend(site({ clock, behind: memory, now: clock.read }), 'here')
    const away = backend(site({ clock, behind: { ...memory, move: lost }, now: () => undefined }), 'away')
    const client = new Client()
    await client.request(here, (session) => session.set({ cart: 'shell', note: 'x' }))
    const second = holding(client.value)
    clock.forward(1)
    if (hasMoved) await client.request(here, (_session, visit) => visit.regenerate({ user: 'ada' }))
    clock.forward(1)
    await second.request(away, (_session, visit) =>
      expect(visit.regenerate({ user: 'bob' })).rejects.toMatchObject({ applied: 'unknown' }),
    )
    const visit = second.visit(here)
    expect(await visit.data.all()).toEqual(held)
    expect(visit.data.behind).toBe(false)
  })
})
