import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import { backend, Client, deferred, FakeClock, facts, HOUR, site } from '../support/backend.ts'
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

  it('login: what the browser sends before it has the new cookie is not answered with a third one', async () => {
    const { client, clock, here, there, ...place } = await withData(given)
    for (const at of [here, there]) {
      const { id } = client.token
      const old = client.value
      const login = client.visit(here)
      await login.regenerate()
      // The login's response is on its way; a poll with the old cookie is answered after it.
      clock.forward(1)
      const poll = client.visit(at)
      expect(await poll.data.all()).toEqual({})
      expect(poll.id).not.toBe(id)
      client.answer(login)
      expect(client.answer(poll)).toBeUndefined()
      expect(await client.visit(at).data.all()).toEqual({ user: 'ada', cart: 1 })

      const current = client.value
      client.value = old
      const writing = client.visit(at)
      await expect(writing.data.set('cart', 7), 'it stores nothing either').rejects.toMatchObject(DESTROYED)
      expect(client.answer(writing)).toBeUndefined()
      clock.forward(60)
      for (const later of [at, backend({ ...place, clock }, 'one that was not there')]) {
        client.value = old
        await client.request(later, (session) => session.all())
        expect(client.value, 'who never got the new cookie is helped a moment later').not.toBe(old)
      }
      client.value = current
    }
  })

  it('a write under way when its own request regenerates arrives under the new id', async () => {
    const { client, here } = await withData(given)
    await client.request(here, async (session, visit) => {
      await Promise.all([visit.regenerate(), session.set('cart', 2), session.update('user', () => 'eve')])
    })
    expect(await client.visit(here).data.all()).toEqual({ user: 'eve', cart: 2 })
  })

  it('a write that sets out while its own request regenerates or logs out waits for it', async () => {
    const clock = new FakeClock()
    const memory = memoryStore({ now: clock.read })
    // The store has done it, and takes its time to say so.
    const slowly = <A extends unknown[], R>(run: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        const result = await run(...args)
        await new Promise(setImmediate)
        return result
      }
    }
    const behind = { ...memory, move: slowly(memory.move), destroy: slowly(memory.destroy) }
    const { client, here } = await withData({ ...given, clock, behind })
    await client.request(here, async (session, visit) => {
      await Promise.all([visit.regenerate(), session.set('cart', 2)])
      expect(await session.all()).toEqual({ user: 'ada', cart: 2 })
    })
    await client.request(here, async (session) => {
      await Promise.all([session.destroy(), session.set('user', 'eve')])
    })
    expect(await client.visit(here).data.all()).toEqual({ user: 'eve' })
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

describe('a poll that does not touch the session', () => {
  it('does not bring the old cookie back after a login or logout on another backend', async () => {
    for (const end of ['regenerate', 'destroy'] as const) {
      const { client, here, there } = await withData()
      const old = client.value
      const visit = client.visit(here)
      await (end === 'regenerate' ? visit.regenerate() : visit.data.destroy())
      const poll = client.visit(there)
      client.answer(visit)
      client.answer(poll)
      expect(client.value).not.toBe(old)
      if (end === 'regenerate') expect(await client.visit(there).data.get('user')).toBe('ada')
    }
  })
})

describe.each([
  ['here', 'here'],
  ['here', 'there'],
])('a session that has stored nothing yet, ended %s and written to %s', (...ids) => {
  function newcomer() {
    const place = site()
    // The news of it is still on its way: only the store can know.
    place.store.deaf = true
    const [here, there] = [backend(place, 'here'), backend(place, 'there')]
    const [ends, writes] = ids.map((id) => (id === 'here' ? here : there))
    const client = new Client()
    client.answer(client.visit(here))
    return { client, ends: ends ?? here, writes: writes ?? there, place }
  }

  it('cannot be filled by a slow request after its logout', async () => {
    const { client, ends, writes } = newcomer()
    const slow = client.visit(writes)
    await client.request(ends, (session) => session.destroy())
    await expect(slow.data.set('user', 'ada')).rejects.toMatchObject(DESTROYED)
    expect(client.answer(slow)).toBeUndefined()
  })

  it('cannot be filled under the old id after regenerate', async () => {
    const { client, ends, writes } = newcomer()
    const slow = client.visit(writes)
    await client.request(ends, async (session, visit) => {
      await visit.regenerate()
      await session.set('user', 'ada')
    })
    await expect(slow.data.set('cart', 1)).rejects.toMatchObject(DESTROYED)
    expect(client.answer(slow)).toBeUndefined()
    expect(await client.visit(ends).data.all()).toEqual({ user: 'ada' })
  })
})

describe('a cookie that says that nothing is stored, and is older than a write', () => {
  it('is read from the store where another request has just written', async () => {
    const place = site()
    const here = backend(place)
    const client = new Client()
    client.answer(client.visit(here))
    const old = client.value
    await client.request(here, (session) => session.set('user', 'ada'))
    client.value = old
    expect(await client.visit(here).data.get('user')).toBe('ada')
  })

  it.each([
    ['tells of no changes', false],
    ['cannot tell of them now', true],
  ])('is worth a look wherever the store %s', async (_, tells) => {
    const place = site({ tells })
    const here = backend(place)
    const client = new Client()
    client.answer(client.visit(here))
    const old = client.value
    await client.request(here, (session) => session.set('user', 'ada'))
    const there = backend(place, 'there')
    for (const channel of place.store.channels) channel.down()
    client.value = old
    await client.request(there, async (session) => {
      expect(await session.get('user')).toBe('ada')
      await session.delete('user')
    })
    client.value = old
    await client.request(there, async (session) => expect(await session.all()).toEqual({}))
  })
})

describe.each(places)('a logout that overlaps a change of id, with %s (law 6)', (_, given) => {
  it('ends what the session went on as, whichever came first', async () => {
    for (const first of ['login', 'logout'] as const) {
      const { client, clock, here, there } = await withData(given)
      const [login, logout] = [client.visit(here), client.visit(there)]
      clock.forward(1)
      if (first === 'login') {
        await login.regenerate({ role: 'admin' })
        await logout.data.destroy()
      } else {
        await logout.data.destroy()
        await expect(login.regenerate({ role: 'admin' })).rejects.toMatchObject(DESTROYED)
      }
      const browser = new Client()
      client.answer(logout)
      client.answer(login)
      browser.value = client.value
      expect(await browser.visit(here).data.all()).toEqual({})
      expect(await browser.visit(there).data.all()).toEqual({})
    }
  })

  it('ends it through several moves, and on the backend that moved it', async () => {
    const { client, clock, here, there } = await withData(given)
    const logout = client.visit(there)
    const cookies: (string | undefined)[] = []
    for (let i = 0; i < 3; i++) {
      clock.forward(20)
      await client.request(i % 2 ? there : here, (_session, visit) => visit.regenerate())
      cookies.push(client.value)
    }
    await logout.data.destroy()
    for (const cookie of cookies) {
      for (const at of [here, there]) {
        const ghost = new Client()
        ghost.value = cookie
        expect(await ghost.visit(at).data.all()).toEqual({})
      }
    }
  })

  it('reaches it for ten seconds with the old cookie, and later ends nothing', async () => {
    for (const [seconds, ends] of [
      [9, true],
      [11, false],
    ] as const) {
      const { client, clock, here, there } = await withData(given)
      const old = new Client()
      old.value = client.value
      await client.request(here, (_session, visit) => visit.regenerate())
      clock.forward(seconds)
      await old.request(there, (session) => session.destroy())
      expect(await client.visit(here).data.all()).toEqual(ends ? {} : { user: 'ada', cart: 1 })
      expect(await client.visit(there).data.all()).toEqual(ends ? {} : { user: 'ada', cart: 1 })
    }
  })
})

describe.each(places)('a login form sent twice, with %s', (_, given) => {
  it('is answered twice as a login, and the later one takes the cart along', async () => {
    const { client, here, there } = await withData(given)
    const [one, other] = [client.visit(here), client.visit(there)]
    await one.regenerate({ user: 'ada', login: 1 })
    await one.data.set('secret', 'stored after the move')
    await other.regenerate({ user: 'ada', login: 2 })
    for (const [visit, login] of [
      [one, 1],
      [other, 2],
    ] as const) {
      const browser = new Client()
      browser.value = client.value
      expect(browser.answer(visit)).toMatch(/^limpet=/)
      const all = await browser.visit(there).data.all()
      expect(all).toMatchObject({ user: 'ada', cart: 1, login })
      expect('secret' in all).toBe(login === 1)
    }
  })

  it('sent together, both are logins', async () => {
    const { client, here, there } = await withData(given)
    const visits = [client.visit(here), client.visit(there)]
    await Promise.all(visits.map((visit, login) => visit.regenerate({ login })))
    for (const [login, visit] of visits.entries()) {
      const browser = new Client()
      browser.answer(visit)
      expect(await browser.visit(here).data.all()).toEqual({ user: 'ada', cart: 1, login })
    }
  })

  it('a second one that arrives later begins anew and gets at nothing', async () => {
    const { client, clock, here, there } = await withData(given)
    const thief = new Client()
    thief.value = client.value
    await client.request(here, (_session, visit) => visit.regenerate({ role: 'admin' }))
    for (const [seconds, at] of [
      [1, here],
      [1, there],
      [60, there],
    ] as const) {
      clock.forward(seconds)
      const browser = new Client()
      browser.value = thief.value
      const visit = browser.visit(at)
      await visit.regenerate({ user: 'eve' })
      expect(browser.answer(visit)).toMatch(/^limpet=/)
      expect(await browser.visit(here).data.all()).toEqual({ user: 'eve' })
    }
    expect(await client.visit(there).data.all()).toEqual({ user: 'ada', cart: 1, role: 'admin' })
  })

  it('with the cookie of a session that ended earlier, it begins a new one', async () => {
    const { client, clock, here, there } = await withData(given)
    const old = client.value
    await client.request(here, (session) => session.destroy())
    for (const at of [here, there]) {
      clock.forward(1)
      client.value = old
      await client.request(at, (_session, visit) => visit.regenerate({ user: 'eve' }))
      expect(await client.visit(there).data.all()).toEqual({ user: 'eve' })
    }
  })

  it('a poll that writes while a login is under way gets no third cookie, and loses nobody anything', async () => {
    const { client, here, there } = await withData(given)
    const [login, poll] = [client.visit(here), client.visit(there)]
    await login.regenerate()
    await expect(poll.data.set('seen', 1)).rejects.toMatchObject({ ...DESTROYED, status: 409 })
    client.answer(login)
    expect(client.answer(poll)).toBeUndefined()
    expect(await client.visit(there).data.all()).toEqual({ user: 'ada', cart: 1 })
  })
})

describe.each(places)('a request or socket that outlives its session, with %s', (_, given) => {
  it('is told so, and nothing is said to be lost', async () => {
    const { client, clock, here } = await withData({ ...given, options: { idleTimeout: '1h' } })
    const socket = client.visit(here)
    clock.forward(5 * HOUR)
    for (const call of [
      () => socket.data.get('user'),
      () => socket.data.set('user', 'eve'),
      () => socket.data.update('cart', () => 2),
      () => socket.regenerate(),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'ERR_LIMPET_EXPIRED' })
    }
    expect(socket.data.behind).toBe(false)
    expect(client.answer(socket), 'its response does not begin the session anew').toBeUndefined()
    expect(here.events.filter(({ type }) => type === 'behind')).toEqual([])
  })

  it('keeps it alive by using it', async () => {
    const { client, clock, here } = await withData({ ...given, options: { idleTimeout: '1h' } })
    const socket = client.visit(here)
    for (let i = 0; i < 20; i++) {
      clock.forward(50 * 60)
      expect(await socket.data.get('user')).toBe('ada')
      await here.engine.settled()
    }
    expect(socket.data.behind).toBe(false)
  })
})
