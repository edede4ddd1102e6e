import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import type { SessionData } from '../support/backend.ts'
import { backend, Client, FakeClock, site } from '../support/backend.ts'

/** A client that has seen version 3, and a store that has just come back with nothing in it. */
async function afterTheLoss() {
  const clock = new FakeClock()
  const before = site({ clock })
  const client = new Client()
  const first = backend(before)
  for (const n of [1, 2, 3]) await client.request(first, (session) => session.set('cart', n))
  const after = site({ clock })
  return { client, clock, here: backend(after, 'here'), there: backend(after, 'there'), id: client.token.id }
}

/** A store, and another one that takes its place and knows only what it was told. */
function withReplica() {
  const clock = new FakeClock()
  const replica = memoryStore({ now: clock.read })
  let current = memoryStore({ now: clock.read })
  const behind: ReturnType<typeof memoryStore> = {
    read: (...args) => current.read(...args),
    write: (...args) => current.write(...args),
    destroy: (...args) => current.destroy(...args),
    move: (...args) => current.move(...args),
    touch: (...args) => current.touch(...args),
  }
  const failover = () => {
    current = replica
  }
  const replicate = (id: string, text: string) => {
    const set = new Map([['cart', text]])
    return replica.write(id, {
      set,
      delete: [],
      expect: undefined,
      seen: 0,
      ttl: 1e9,
      within: 1000,
      maxBytes: 1000,
    })
  }
  return { ...site({ clock, behind }), failover, replicate }
}

const losses = (events: readonly { type: string }[]) => events.filter(({ type }) => type === 'behind')

describe('a store that has lost acknowledged writes (law 4)', () => {
  it.each<[string, (session: SessionData) => Promise<unknown>]>([
    ['get', (session) => session.get('cart')],
    ['all', (session) => session.all()],
    ['set', (session) => session.set('cart', 9)],
    ['update', (session) => session.update('cart', () => 9)],
    ['delete', (session) => session.delete('cart')],
  ])('is noticed by %s, and an event says by how much', async (_, work) => {
    const { client, here, id } = await afterTheLoss()
    await client.request(here, async (session) => {
      expect(session.behind).toBe(false)
      await work(session)
      expect(session.behind).toBe(true)
    })
    expect(losses(here.events)).toEqual([{ type: 'behind', id, seen: 3, lost: 3 }])
  })

  it('is noticed by regenerate', async () => {
    const { client, here, id } = await afterTheLoss()
    await client.request(here, async (session, visit) => {
      await visit.regenerate()
      expect(session.behind).toBe(true)
    })
    expect(losses(here.events)).toEqual([{ type: 'behind', id, seen: 3, lost: 3 }])
  })

  it('is said once; afterwards the token names a version that no lost state ever had', async () => {
    const { client, here, there } = await afterTheLoss()
    await client.request(here, async (session) => expect(await session.get('cart')).toBeUndefined())
    expect(client.token.version).toBeGreaterThan(3)
    await client.request(there, async (session) => {
      expect(await session.get('cart')).toBeUndefined()
      expect(session.behind).toBe(false)
    })
    expect(losses([...here.events, ...there.events])).toHaveLength(1)
  })

  it('does not answer from a copy of the lost state on another backend', async () => {
    const { failover, ...place } = withReplica()
    const [here, there] = [backend(place, 'here'), backend(place, 'there')]
    const client = new Client()
    for (const n of [1, 2]) await client.request(here, (session) => session.set('cart', n))
    failover()
    await client.request(there, (session) => session.set('other', 1))
    place.store.deaf = true
    expect(await client.visit(here).data.all()).toEqual({ other: 1 })
  })

  it('gives its number to another state: a copy of the lost one is not what a write builds on', async () => {
    const { failover, replicate, ...place } = withReplica()
    const [here, there] = [backend(place, 'here'), backend(place, 'there')]
    const client = new Client()
    // The replica has version 1, and never hears of 2. Nor does the browser.
    await client.request(here, (session) => session.set('cart', 'first'))
    await replicate(client.token.id, '"first"')
    const { value } = client
    await client.request(here, (session) => session.set('cart', 'lost'))
    client.value = value
    for (const channel of place.store.channels) channel.down()
    place.store.deaf = true
    failover()
    await client.request(there, (session) => session.set('cart', 'new'))
    place.store.deaf = false
    for (const watcher of place.store.channels) watcher.up()
    await client.request(here, (session) => session.set('theme', 'dark'))
    expect(client.token.version).toBe(3)
    for (const at of [here, there]) expect(await client.visit(at).data.all()).toEqual({ cart: 'new', theme: 'dark' })
  })

  it('can be written to, and goes on from there', async () => {
    const { client, here, there } = await afterTheLoss()
    await client.request(here, (session) => session.set('cart', 'new'))
    expect(client.token.version).toBeGreaterThan(3)
    await client.request(there, async (session) => {
      expect(await session.all()).toEqual({ cart: 'new' })
      expect(session.behind).toBe(false)
    })
  })

  it('is not suspected where nothing was ever stored', async () => {
    const { clock, ...place } = site()
    const here = backend({ clock, ...place })
    const client = new Client()
    client.answer(client.visit(here))
    await client.request(here, (session) => session.set('cart', 1))
    await client.request(here, async (session) => {
      await session.get('cart')
      expect(session.behind).toBe(false)
    })
    expect(losses(here.events)).toEqual([])
  })
})
