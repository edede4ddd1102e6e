import { describe, expect, it } from 'vitest'
import type { SessionData } from '../support/backend.ts'
import { backend, Client, HOUR, OTHER_SECRET, type SiteOptions, site } from '../support/backend.ts'

/** Everything that a handler may do without storing anything. */
async function onlyLooks(session: SessionData): Promise<void> {
  await session.get('user')
  await Promise.all([session.get('cart'), session.all()])
  await session.set({})
}

const place = (options = {}, more: Omit<SiteOptions, 'options'> = {}) => {
  const somewhere = site({ options, ...more })
  return { ...somewhere, here: backend(somewhere, 'here'), there: backend(somewhere, 'there') }
}

describe('who stores nothing causes no store command (law 7)', () => {
  it('bots: a new client with each request', async () => {
    const { here, store } = place()
    for (let i = 0; i < 1000; i++) await new Client().request(here, onlyLooks)
    expect(store.total).toBe(0)
  })

  it('forged, foreign and malformed cookies', async () => {
    const { here, store, ...rest } = place()
    const elsewhere = backend({ ...rest, store }, 'elsewhere', { secret: OTHER_SECRET })
    const client = new Client()
    client.answer(client.visit(here))
    const forged = `${client.value?.slice(0, -43)}${'A'.repeat(43)}`
    client.answer(client.visit(elsewhere))
    const values = [forged, client.value, 'x', '', 'x'.repeat(8192)]
    for (let i = 0; i < 1000; i++) {
      const visitor = new Client()
      visitor.value = values[i % values.length]
      await visitor.request(here, onlyLooks)
    }
    expect(store.total).toBe(0)
  })

  it('clients that come back for days, to any backend: at most one read for a request that reads', async () => {
    const { clock, here, there, store } = place()
    const clients = Array.from({ length: 20 }, () => new Client())
    for (let hour = 0; hour < 72; hour++) {
      clock.forward(HOUR)
      for (const client of clients) await client.request(hour % 2 ? here : there, onlyLooks)
    }
    expect(store.calls).toEqual({ read: 20 * 71, write: 0, destroy: 0, move: 0, touch: 0, label: 0, labelled: 0 })
  })

  it('a client that has stored nothing and reads many times: the answer "nothing" is remembered', async () => {
    const { here, store } = place()
    const client = new Client()
    for (let i = 0; i < 50; i++) await client.request(here, onlyLooks)
    expect(store.calls).toEqual({ read: 1, write: 0, destroy: 0, move: 0, touch: 0, label: 0, labelled: 0 })
  })

  it('new clients that regenerate and log out in their first request', async () => {
    const { here, store } = place()
    for (let i = 0; i < 100; i++) {
      await new Client().request(here, async (session, visit) => {
        await visit.regenerate()
        await session.destroy()
      })
    }
    expect(store.total).toBe(0)
  })

  it('not so who logs in or out with a cookie: that takes a tombstone, for another request may be about to write', async () => {
    const { here, store } = place()
    const client = new Client()
    client.answer(client.visit(here))
    await client.request(here, (_, visit) => visit.regenerate())
    await client.request(here, (session) => session.destroy())
    expect(store.calls).toEqual({ read: 0, write: 0, destroy: 1, move: 1, touch: 0, label: 0, labelled: 0 })
  })

  it('where the store does not tell of changes, a read with a cookie asks: it may be older than that of a write', async () => {
    const { here, store } = place({}, { tells: false })
    const client = new Client()
    await client.request(here, onlyLooks)
    expect(store.total).toBe(0)
    await client.request(here, (session) => session.get('user'))
    expect(store.calls).toMatchObject({ read: 1 })
    expect(store.total).toBe(1)
  })

  it('what was never written is not deleted, and an update that throws writes nothing', async () => {
    const { here, store } = place()
    const client = new Client()
    await client.request(here, (session) => session.delete('a', 'b'))
    expect(store.total).toBe(0)
    await client.request(here, (session) => session.delete('a', 'b'))
    expect(store.calls.write, 'a cookie that knows of nothing does not prove that nothing is there').toBe(1)
    const before = store.calls.write
    await client.request(here, async (session) => {
      await expect(session.update('n', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
      await expect(session.set('n', undefined)).rejects.toMatchObject({ code: 'ERR_LIMPET_VALUE' })
      await expect(session.set('n', 'x'.repeat(100_000))).rejects.toMatchObject({ code: 'ERR_LIMPET_SIZE' })
    })
    expect(store.calls.write).toBe(before)
    expect(client.token.version).toBe(0)
  })

  it('the first write is what begins to cost', async () => {
    const { here, store } = place()
    const client = new Client()
    await client.request(here, (session) => session.set('user', 'ada'))
    expect(store.calls).toEqual({ read: 0, write: 1, destroy: 0, move: 0, touch: 0, label: 0, labelled: 0 })
  })
})
