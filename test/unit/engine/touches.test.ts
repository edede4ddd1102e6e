import { describe, expect, it } from 'vitest'
import { StoreError } from '../../../src/core/errors.ts'
import { storeTtl, tombstoneTtl } from '../../../src/core/lifetime.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import { backend, Client, deferred, FakeClock, facts, HOUR, site } from '../support/backend.ts'

/** A client with data; ten hours are a tenth of idleTimeout. */
async function withData(given: Parameters<typeof site>[0] = {}) {
  const place = site({ ...given, options: { idleTimeout: '100h', ...given.options } })
  const here = backend(place)
  const client = new Client()
  await client.request(here, (session) => session.set('cart', 1))
  return { ...place, here, client }
}

describe('keeping stored data alive', () => {
  it('takes one command per tenth of idleTimeout', async () => {
    const { client, clock, here, store } = await withData()
    for (let hour = 1; hour <= 10; hour++) {
      clock.forward(HOUR)
      client.answer(client.visit(here))
    }
    expect(store.calls.touch).toBe(0)
    clock.forward(1)
    client.answer(client.visit(here))
    client.answer(client.visit(here))
    expect(store.calls.touch).toBe(1)
    await here.engine.settled()
    client.answer(client.visit(here))
    expect(store.calls.touch).toBe(1)
    expect(client.token.touchedAt).toBe(clock.now)
  })

  it('takes one command per tenth and backend, until the token tells that it is done', async () => {
    const { client, clock, here, store, ...place } = await withData()
    const there = backend({ ...place, clock, store }, 'there')
    clock.forward(11 * HOUR)
    client.answer(client.visit(here))
    await here.engine.settled()
    client.answer(client.visit(there))
    await there.engine.settled()
    expect(store.calls.touch).toBe(2)
    client.answer(client.visit(there))
    await client.request(here, (session) => session.get('cart'))
    expect(store.calls.touch).toBe(2)
    expect(client.token.touchedAt).toBe(clock.now)
  })

  it('takes one command when several requests with the same token overlap', async () => {
    const { client, clock, here, store } = await withData()
    clock.forward(11 * HOUR)
    const visits = [client.visit(here), client.visit(here), client.visit(here)]
    for (const visit of visits) client.answer(visit)
    expect(store.calls.touch).toBe(1)
  })

  it('goes along with a read, where there is one', async () => {
    const { client, clock, here, store } = await withData()
    here.engine.deafen()
    clock.forward(11 * HOUR)
    await client.request(here, (session) => session.get('cart'))
    expect(store.calls).toMatchObject({ read: 1, touch: 0 })
    expect(client.token.touchedAt).toBe(clock.now)
    clock.forward(9 * HOUR)
    client.answer(client.visit(here))
    expect(store.calls.touch).toBe(0)
  })

  it('goes along with a write', async () => {
    const { client, clock, here, store } = await withData()
    clock.forward(11 * HOUR)
    await client.request(here, (session) => session.set('cart', 2))
    expect(store.calls).toMatchObject({ write: 2, touch: 0 })
    expect(client.token.touchedAt).toBe(clock.now)
  })

  it('is not awaited: the response leaves while the store is still at it', async () => {
    const clock = new FakeClock()
    const answer = deferred<{ kind: 'touched' }>()
    const behind = { ...memoryStore({ now: clock.read }), touch: () => answer.promise }
    const { client, here, store } = await withData({ clock, behind })
    clock.forward(11 * HOUR)
    expect(client.answer(client.visit(here))).toMatch(/^limpet=/)
    expect(store.calls.touch).toBe(1)
    let closed = false
    const closing = here.engine.close().then(() => {
      closed = true
    })
    await Promise.resolve()
    expect(closed, 'close() waits for it').toBe(false)
    answer.resolve({ kind: 'touched' })
    await closing
  })

  it('may fail: the request does not notice, an event tells', async () => {
    const clock = new FakeClock()
    const failure = new StoreError('down', { applied: false, outage: true })
    const behind = { ...memoryStore({ now: clock.read }), touch: () => Promise.reject(failure) }
    const { client, here } = await withData({ clock, behind })
    clock.forward(11 * HOUR)
    expect(client.answer(client.visit(here))).toMatch(/^limpet=/)
    await here.engine.close()
    expect(here.events).toContainEqual({ type: 'store-failed', operation: 'touch', error: failure })
  })

  it('is tried again by the next request when it has failed, so that the data lives as long as the session', async () => {
    const clock = new FakeClock()
    const memory = memoryStore({ now: clock.read })
    let fails = true
    const touch: typeof memory.touch = async (...args) => {
      if (fails) throw new StoreError('down', { applied: false, outage: true })
      return memory.touch(...args)
    }
    const { client, here } = await withData({ clock, behind: { ...memory, touch } })
    clock.forward(95 * HOUR)
    client.answer(client.visit(here))
    await here.engine.settled()
    fails = false
    clock.forward(HOUR)
    client.answer(client.visit(here))
    await here.engine.settled()
    clock.forward(99 * HOUR)
    await client.request(here, async (session) => {
      expect(await session.get('cart')).toBe(1)
      expect(session.behind).toBe(false)
    })
  })

  it('is tried again where a read could not renew: on a server that only reads', async () => {
    const clock = new FakeClock()
    const memory = memoryStore({ now: clock.read })
    const read: typeof memory.read = async (id, how) => {
      const result = await memory.read(id, { ...how, touch: undefined })
      return result.kind === 'found' ? { ...result, touched: false } : result
    }
    const { client, here, store } = await withData({ clock, behind: { ...memory, read } })
    here.engine.deafen()
    clock.forward(11 * HOUR)
    await client.request(here, (session) => session.get('cart'))
    expect(client.token.touchedAt).toBeLessThan(clock.now)
    expect(store.calls.touch, 'not in the same request').toBe(0)
    client.answer(client.visit(here))
    expect(store.calls.touch).toBe(1)
  })

  it('keeps the data as long as the session, over many idle times', async () => {
    const { client, clock, here } = await withData()
    for (let i = 0; i < 50; i++) {
      clock.forward(95 * HOUR)
      await client.request(here, async (session) => {
        expect(await session.get('cart')).toBe(1)
        expect(session.behind).toBe(false)
      })
    }
  })

  it('keeps the data through requests that do not read it', async () => {
    const { client, clock, here } = await withData()
    for (let i = 0; i < 50; i++) {
      clock.forward(9 * HOUR)
      client.answer(client.visit(here))
      await here.engine.settled()
    }
    here.engine.deafen()
    expect(await client.visit(here).data.get('cart')).toBe(1)
  })

  it('does nothing for a client that has stored nothing', async () => {
    const place = site({ options: { idleTimeout: '100h' } })
    const here = backend(place)
    const client = new Client()
    for (let i = 0; i < 50; i++) {
      client.answer(client.visit(here))
      place.clock.forward(50 * HOUR)
    }
    expect(place.store.total).toBe(0)
  })

  it('learns that the session was destroyed elsewhere', async () => {
    const { client, clock, here, ...place } = await withData({ tells: false })
    const old = client.value
    await client.request(backend({ ...place, clock }, 'there'), (session) => session.destroy())
    client.value = old
    clock.forward(11 * HOUR)
    client.answer(client.visit(here))
    await here.engine.close()
    expect(facts(client.visit(here))).toMatchObject({ state: 'new', reason: 'destroyed' })
  })
})

describe('how long the store keeps what it hears nothing of', () => {
  it('is longer than any token of the session is valid, and ends with the absolute limit', async () => {
    const place = site({ options: { idleTimeout: '1h', absoluteTimeout: '90m' } })
    const here = backend(place)
    const client = new Client()
    client.answer(client.visit(here))
    const { token } = client
    const { limits } = here.engine.services.config
    const hours = (now: number) => storeTtl(token, now, limits) / 1000 / HOUR
    expect(hours(place.clock.read())).toBeGreaterThan(1 + 60 / HOUR)
    expect(hours(place.clock.read())).toBeLessThan(1.5)
    place.clock.forward(80 * 60)
    expect(hours(place.clock.read())).toBeGreaterThan((10 * 60 + 30) / HOUR)
    expect(hours(place.clock.read())).toBeLessThan((10 * 60 + 300) / HOUR)
    place.clock.forward(HOUR)
    expect(storeTtl(token, place.clock.read(), limits)).toBe(1000)
  })

  it('is for a tombstone as long, and no shorter than an hour: a request may take longer than a session lasts', async () => {
    const place = site({ options: { idleTimeout: '1m' } })
    const client = new Client()
    await client.request(backend(place), (session) => session.set('user', 'ada'))
    const there = backend(place, 'there')
    const slow = client.visit(there)
    place.store.deaf = true
    await client.request(backend(place, 'third'), (session) => session.destroy())
    // It uses the session now and then, or it would outlive it.
    for (let minute = 0; minute < 50; minute++) {
      place.clock.forward(60)
      await expect(slow.data.set('user', 'eve')).rejects.toMatchObject({ code: 'ERR_LIMPET_DESTROYED' })
    }
    const long = site({ options: { idleTimeout: '10h' } })
    const visitor = new Client()
    const here = backend(long)
    visitor.answer(visitor.visit(here))
    const { limits } = here.engine.services.config
    const now = long.clock.read()
    expect(tombstoneTtl(visitor.token, now, limits)).toBe(storeTtl(visitor.token, now, limits))
  })
})
