import { describe, expect, it } from 'vitest'
import { backend, Client, FakeClock, site } from '../support/backend.ts'
import { gatedStore } from '../support/gated-store.ts'

/** A client with data, a twin that shares its cookie, and a store that can hold its answers back. */
async function withData(given: Parameters<typeof site>[0] = {}) {
  const clock = new FakeClock()
  const { store: behind, ...gate } = gatedStore(clock)
  const place = site({ ...given, clock, behind })
  const here = backend(place, 'here')
  const there = backend(place, 'there')
  const client = new Client()
  await client.request(there, (session) => session.set('cart', 1))
  const twin = new Client()
  twin.value = client.value
  return { ...place, ...gate, here, there, client, twin }
}

describe('an answer that is under way while something happens', () => {
  it('a read, and the same request writes: what was before does not come back', async () => {
    const { client, here, hold, passOthers } = await withData()
    const { data } = client.visit(here)
    const letGo = hold()
    const slow = data.get('cart')
    passOthers()
    await data.set('cart', 2)
    const quick = data.get('cart')
    letGo()
    expect(await quick).toBe(2)
    expect(await slow).toBe(2)
    expect(await client.visit(here).data.get('cart')).toBe(2)
  })

  it('a read, and the same request logs out: the new session has none of it, nor its version', async () => {
    const { client, here, hold, passOthers } = await withData()
    const visit = client.visit(here)
    const letGo = hold()
    const slow = visit.data.get('cart')
    passOthers()
    await visit.data.destroy()
    letGo()
    expect(await slow).toBeUndefined()
    client.answer(visit)
    expect(client.token.version).toBe(0)
    await client.request(here, async (session) => {
      expect(await session.all()).toEqual({})
      expect(session.behind).toBe(false)
    })
  })

  it('a read, and the same request logs in: the data is there under the new id', async () => {
    const { client, here, hold, passOthers } = await withData()
    const visit = client.visit(here)
    const letGo = hold()
    const slow = visit.data.get('cart')
    passOthers()
    await visit.regenerate()
    letGo()
    expect(await slow).toBe(1)
    client.answer(visit)
    expect(await client.visit(here).data.get('cart')).toBe(1)
  })

  it('a read, and another backend writes: what was read is not kept as a copy', async () => {
    const { client, here, hold, passOthers, there, twin } = await withData()
    const visit = client.visit(here)
    const letGo = hold()
    const slow = visit.data.get('cart')
    passOthers()
    await twin.request(there, (session) => session.set('cart', 2))
    letGo()
    expect(await slow).toBe(1)
    expect(await client.visit(here).data.get('cart')).toBe(2)
  })

  it('a read that was asked for before the news of changes began is not trusted afterwards', async () => {
    const { client, here, hold, passOthers, store, there, twin } = await withData()
    const [watcher] = store.channels
    watcher?.down()
    const letGo = hold()
    const slow = client.request(here, (session) => session.get('cart'))
    passOthers()
    store.deaf = true
    await twin.request(there, (session) => session.set('cart', 2))
    store.deaf = false
    watcher?.up()
    letGo()
    await slow
    expect(await client.visit(here).data.get('cart')).toBe(2)
  })

  it('a write, and another backend writes after it: the copy is not what this one wrote', async () => {
    const { client, here, hold, passOthers, there, twin } = await withData()
    const { data } = client.visit(here)
    expect(await data.get('cart')).toBe(1)
    const letGo = hold()
    const slow = data.set('cart', 2)
    passOthers()
    await twin.request(there, (session) => session.set('cart', 3))
    letGo()
    await slow
    expect(await data.get('cart')).toBe(3)
    expect(await client.visit(here).data.get('cart')).toBe(3)
  })
})

describe('what one request has read answers it again', () => {
  it('where nobody tells of changes, but not after another request of this backend wrote', async () => {
    const { client, here, store, twin } = await withData({ tells: false })
    const { data } = client.visit(here)
    expect(await data.get('cart')).toBe(1)
    expect(await data.get('cart')).toBe(1)
    expect(store.calls.read).toBe(1)
    await twin.request(here, (session) => session.set('cart', 2))
    expect(await data.get('cart')).toBe(2)
  })

  it('for a second at most: a stream that lasts sees what others do', async () => {
    const { client, clock, here, there, twin } = await withData({ tells: false })
    const { data } = client.visit(here)
    expect(await data.get('cart')).toBe(1)
    await twin.request(there, (session) => session.set('cart', 2))
    clock.forward(1)
    expect(await data.get('cart')).toBe(2)
  })
})
