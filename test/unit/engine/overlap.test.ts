import { describe, expect, it } from 'vitest'
import { places, withData } from '../support/places.ts'

describe.each(places)('requests that overlap, with %s', (_, given) => {
  it('writes to different keys all stay (law 5)', async () => {
    const { client, here, there } = await withData(given)
    const visits = Array.from({ length: 20 }, (_, index) => client.visit(index % 2 ? here : there))
    await Promise.all(visits.map((visit, index) => visit.data.set(`key${index}`, index)))
    for (const visit of visits) client.answer(visit)
    const all = await client.visit(there).data.all()
    expect(Object.keys(all)).toHaveLength(22)
    expect(all).toMatchObject({ user: 'ada', key0: 0, key19: 19 })
  })

  it('updates of one key are all counted (law 5)', async () => {
    const { client, here, there } = await withData(given)
    const visits = Array.from({ length: 10 }, (_, index) => client.visit(index % 2 ? here : there))
    const increment = (n: unknown) => (n as number) + 1
    const results = await Promise.all(visits.map((visit) => visit.data.update('cart', increment)))
    for (const visit of visits) client.answer(visit)
    expect(await client.visit(here).data.get('cart')).toBe(11)
    expect(results.toSorted((a, b) => Number(a) - Number(b))).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('the response to a request whose session another one changed carries no cookie', async () => {
    const { client, here } = await withData(given)
    const slow = client.visit(here)
    await client.request(here, (session) => session.set('cart', 2))
    expect(client.answer(slow)).toBeUndefined()
    expect(client.token.version).toBe(2)
    expect(await client.visit(here).data.get('cart')).toBe(2)
  })

  it('a slow request that only looked cannot take the client back in time on another backend', async () => {
    const { client, here, there } = await withData(given)
    const slow = client.visit(here)
    await client.request(there, (session) => session.set('cart', 2))
    expect(await slow.data.get('user')).toBe('ada')
    client.answer(slow)
    expect(client.token.version).toBe(2)
    expect(await client.visit(here).data.get('cart')).toBe(2)
  })

  it('a request that ends before the other changes the session carries the cookie', async () => {
    const { client, here } = await withData(given)
    const first = client.visit(here)
    const second = client.visit(here)
    expect(client.answer(first)).toMatch(/^limpet=/)
    await second.data.set('cart', 2)
    expect(client.answer(second)).toMatch(/^limpet=/)
    expect(client.token.version).toBe(2)
  })
})
