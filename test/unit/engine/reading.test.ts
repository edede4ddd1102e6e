import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import { type Backend, backend, Client, deferred, FakeClock, site } from '../support/backend.ts'

async function withData(given: Parameters<typeof site>[0] = {}) {
  const place = site(given)
  const here = backend(place, 'here')
  const there = backend(place, 'there')
  const client = new Client()
  await client.request(here, (session) => session.set('cart', 1))
  return { ...place, here, there, client }
}

/** A store whose reads are answered, with what it held when it was asked, only when the test says so: from `answer` to `hold`. */
function slowToRead(clock: FakeClock) {
  const memory = memoryStore({ now: clock.read })
  let answered = deferred()
  const read: typeof memory.read = async (...args) => {
    const result = await memory.read(...args)
    await answered.promise
    return result
  }
  const hold = () => {
    answered = deferred()
  }
  return { behind: { ...memory, read }, hold, answer: () => answered.resolve() }
}

describe('a client reads its own writes and never travels back in time (law 4)', () => {
  it('on any backend, next request by next request', async () => {
    const { client, here, there } = await withData()
    for (let n = 2; n < 30; n++) {
      await client.request(n % 3 ? here : there, (session) => session.set('cart', n))
      expect(await client.visit(n % 2 ? here : there).data.get('cart')).toBe(n)
    }
  })

  it('even while the news of changes is late: an older copy does not answer a newer token', async () => {
    const { client, here, store, there } = await withData()
    await client.request(there, (session) => session.get('cart'))
    store.deaf = true
    await client.request(here, (session) => session.set('cart', 2))
    expect(await client.visit(there).data.get('cart')).toBe(2)
  })

  it('although the response that told of the newest version was lost: what is seen in a copy goes into the token', async () => {
    const { client, here, store, there } = await withData()
    await client.request(there, (session) => session.get('cart'))
    store.deaf = true
    await client.visit(here).data.set('cart', 2)
    await client.request(here, async (session) => expect(await session.get('cart')).toBe(2))
    expect(client.token.version).toBe(2)
    expect(await client.visit(there).data.get('cart'), 'seen here before').toBe(2)
  })

  it('what is seen in the store goes into the token', async () => {
    const { client, here, there } = await withData()
    const old = client.value
    await client.request(here, (session) => session.set('cart', 2))
    client.value = old
    await client.request(there, async (session) => expect(await session.get('cart')).toBe(2))
    expect(client.token.version).toBe(2)
  })

  it('within one request, after its own writes, deletes and regenerate', async () => {
    const { client, here } = await withData()
    await client.request(here, async (session, visit) => {
      await session.set('cart', 2)
      expect(await session.get('cart')).toBe(2)
      await session.delete('cart')
      expect(await session.get('cart')).toBeUndefined()
      await session.set({ a: 1, b: 2 })
      await visit.regenerate()
      expect(await session.all()).toEqual({ a: 1, b: 2 })
      await session.destroy()
      expect(await session.all()).toEqual({})
      await session.set('c', 3)
      expect(await session.all()).toEqual({ c: 3 })
    })
    expect(await client.visit(here).data.all()).toEqual({ c: 3 })
  })
})

describe('local copies', () => {
  it('are dropped when another backend changes the session', async () => {
    const { client, here, store, there } = await withData()
    const other = new Client()
    other.value = client.value
    await client.request(there, (session) => session.set('cart', 2))
    const before = store.calls.read
    expect(await other.visit(here).data.get('cart')).toBe(2)
    expect(store.calls.read).toBe(before + 1)
  })

  it('have to be confirmed after the news was interrupted', async () => {
    const { client, here, store } = await withData()
    const [watcher] = store.channels
    watcher?.down()
    await client.request(here, (session) => session.get('cart'))
    expect(store.calls.read).toBe(1)
    watcher?.up()
    await client.request(here, (session) => session.get('cart'))
    expect(store.calls.read).toBe(2)
    await client.request(here, (session) => session.get('cart'))
    expect(store.calls.read).toBe(2)
    expect(here.events.filter(({ type }) => type === 'invalidation')).toEqual([
      { type: 'invalidation', state: 'up' },
      { type: 'invalidation', state: 'down' },
      { type: 'invalidation', state: 'up' },
    ])
  })

  it('answer for ten seconds, then the store is asked', async () => {
    const { client, clock, here, store } = await withData()
    clock.forward(7)
    await client.request(here, (session) => session.get('cart'))
    expect(store.calls.read).toBe(0)
    clock.forward(3)
    await client.request(here, (session) => session.get('cart'))
    expect(store.calls.read).toBe(1)
  })

  it('are read again in their last two seconds, so that nobody who is often here waits for it', async () => {
    const clock = new FakeClock()
    const { behind, hold, answer } = slowToRead(clock)
    const { client, here, store } = await withData({ clock, behind })
    for (let round = 1; round <= 5; round++) {
      clock.forward(8)
      // Would not end if it waited for the store.
      for (let i = 0; i < 3; i++) expect(await client.visit(here).data.get('cart')).toBe(1)
      expect(store.calls.read).toBe(round)
      answer()
      await here.engine.settled()
      hold()
    }
  })

  it.each<[string, (client: Client, other: Backend) => Promise<unknown>]>([
    ['changed', (client, other) => client.request(other, (session) => session.set('cart', 2))],
    ['ended', (client, other) => client.request(other, (session) => session.destroy())],
  ])('that are read again are not believed when the session was %s unheard', async (_, change) => {
    const { client, clock, here, store, there } = await withData()
    const { value } = client
    store.deaf = true
    await change(client, there)
    client.value = value
    clock.forward(8)
    expect(await client.visit(here).data.get('cart')).toBe(1)
    await here.engine.settled()
    expect(await client.visit(here).data.get('cart')).not.toBe(1)
  })

  it('are not brought back by a read that was under way when the session changed', async () => {
    const clock = new FakeClock()
    const { behind, answer } = slowToRead(clock)
    const { client, here, there } = await withData({ clock, behind })
    const { value } = client
    clock.forward(8)
    expect(await client.visit(here).data.get('cart')).toBe(1)
    await client.request(there, (session) => session.set('cart', 2))
    answer()
    await here.engine.settled()
    client.value = value
    expect(await client.visit(here).data.get('cart')).toBe(2)
  })

  it('answer for ten seconds also when own writes bring them forward all the time', async () => {
    const { client, clock, here, store } = await withData()
    const reads = store.calls.read
    for (let second = 1; second < 8; second++) {
      clock.forward(1)
      await client.request(here, (session) => session.set('cart', second))
      expect(await client.visit(here).data.get('cart')).toBe(second)
    }
    expect(store.calls.read).toBe(reads)
    clock.forward(3)
    await client.request(here, (session) => session.set('cart', 10))
    expect(await client.visit(here).data.get('cart')).toBe(10)
    expect(store.calls.read).toBe(reads + 1)
  })

  it("never answer with consistency: 'strict'", async () => {
    const { client, ...place } = await withData()
    const strict = backend(place, 'strict', { consistency: 'strict' })
    for (let i = 1; i <= 3; i++) {
      await client.request(strict, (session) => Promise.all([session.get('cart'), session.all()]))
      expect(place.store.calls.read).toBe(i)
    }
  })

  it('are not kept beside a store in this process', async () => {
    const { client, here, store } = await withData({ local: true, tells: false })
    await client.request(here, (session) => session.get('cart'))
    await client.request(here, (session) => session.get('cart'))
    expect(store.calls.read).toBe(2)
    expect(here.engine.services.cache.lastKnown(client.token.id, 0)).toBeUndefined()
  })
})
