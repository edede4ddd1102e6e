import { describe, expect, it } from 'vitest'
import type { SessionData } from '../support/backend.ts'
import { backend, Client, site } from '../support/backend.ts'

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

/** An attacked session beside one that must not notice. */
async function neighbours(options = {}) {
  const place = site({ options })
  const here = backend(place, 'here')
  const there = backend(place, 'there')
  const client = new Client()
  const neighbour = new Client()
  await client.request(here, (session) => session.set('cart', 1))
  await neighbour.request(here, (session) => session.set('cart', 2))
  return { ...place, here, there, client, neighbour }
}

/** After the attack, both sessions hold what they held, seen from the other backend. */
async function expectUntouched({ client, neighbour, there }: Awaited<ReturnType<typeof neighbours>>): Promise<void> {
  expect(await client.visit(there).data.all()).toEqual({ cart: 1 })
  expect(await neighbour.visit(there).data.all()).toEqual({ cart: 2 })
}

describe('what cannot be stored is refused before the store is asked', () => {
  it.each<[title: string, code: string, write: (session: SessionData) => Promise<unknown>]>([
    ['undefined', 'ERR_LIMPET_VALUE', (session) => session.set('cart', undefined)],
    ['a missing value', 'ERR_LIMPET_VALUE', (session) => session.set('cart')],
    ['a cycle', 'ERR_LIMPET_VALUE', (session) => session.set('cart', cyclic)],
    ['a BigInt', 'ERR_LIMPET_VALUE', (session) => session.set('cart', 1n)],
    ['NaN', 'ERR_LIMPET_VALUE', (session) => session.set('cart', Number.NaN)],
    ['a Map', 'ERR_LIMPET_VALUE', (session) => session.set('cart', new Map())],
    ['one bad value among good ones', 'ERR_LIMPET_VALUE', (session) => session.set({ cart: 9, n: 1, bad: () => 1 })],
    ['a string of a megabyte', 'ERR_LIMPET_SIZE', (session) => session.set('cart', 'x'.repeat(1 << 20))],
    ['a key of a megabyte', 'ERR_LIMPET_SIZE', (session) => session.set('k'.repeat(1 << 20), 1)],
    ['10,000 keys', 'ERR_LIMPET_SIZE', (session) => session.set(manyKeys(10_000))],
    ['half a surrogate pair as key', 'ERR_LIMPET_KEY', (session) => session.set('\ud800', 1)],
    ['the same among others', 'ERR_LIMPET_KEY', (session) => session.set({ cart: 9, '\udc00': 1 })],
    ['a number as key', 'ERR_LIMPET_KEY', (session) => session.set(7, 1)],
    ['undefined as key', 'ERR_LIMPET_KEY', (session) => session.set(undefined, 1)],
    ['null as key', 'ERR_LIMPET_KEY', (session) => session.set(null, 1)],
    ['a symbol as key', 'ERR_LIMPET_KEY', (session) => session.set(Symbol('cart'), 1)],
    ['a Map of keys', 'ERR_LIMPET_KEY', (session) => session.set(new Map([['cart', 9]]))],
    ['a list of keys', 'ERR_LIMPET_KEY', (session) => session.set(['cart', 9])],
    ['a Date', 'ERR_LIMPET_KEY', (session) => session.set(new Date(0))],
    ['an object whose key is a symbol', 'ERR_LIMPET_KEY', (session) => session.set({ [Symbol('cart')]: 9 })],
    ['get of a number', 'ERR_LIMPET_KEY', (session) => session.get(7 as never)],
    ['delete of an object', 'ERR_LIMPET_KEY', (session) => session.delete('cart', {} as never)],
    ['delete of a list', 'ERR_LIMPET_KEY', (session) => session.delete(['cart'] as never)],
    ['update of a symbol', 'ERR_LIMPET_KEY', (session) => session.update(Symbol('cart') as never, () => 1)],
  ])('%s: %s', async (_, code, write) => {
    const place = await neighbours()
    const before = place.store.total
    const visit = place.client.visit(place.here)
    await expect(write(visit.data)).rejects.toMatchObject({ code })
    expect(place.store.total).toBe(before)
    place.client.answer(visit)
    expect(place.client.token.version).toBe(1)
    await expectUntouched(place)
  })
})

describe('the size of a session', () => {
  it('is limited as a whole, in bytes', async () => {
    const place = await neighbours({ maxSessionBytes: 100 })
    await place.client.request(place.here, async (session) => {
      await session.set('a', 'x'.repeat(80))
      await expect(session.set('b', 'ü'.repeat(20))).rejects.toMatchObject({ code: 'ERR_LIMPET_SIZE' })
      await session.set('a', 'x'.repeat(20))
      await session.set('b', 'ü'.repeat(20))
    })
    const all = await place.client.visit(place.there).data.all()
    expect(all).toEqual({ cart: 1, a: 'x'.repeat(20), b: 'ü'.repeat(20) })
  })

  it('may always shrink, even where it stays over a limit that was lowered', async () => {
    const place = await neighbours()
    await place.client.request(place.here, (session) => session.set({ a: 'x'.repeat(1000), b: 'x'.repeat(1000) }))
    const strict = backend(place, 'strict', { maxSessionBytes: 100 })
    await place.client.request(strict, async (session) => {
      await expect(session.set('n', 1)).rejects.toMatchObject({ code: 'ERR_LIMPET_SIZE' })
      await session.delete('a')
      await expect(session.set('n', 1)).rejects.toMatchObject({ code: 'ERR_LIMPET_SIZE' })
      await session.set('b', 'short')
      await session.set('n', 1)
    })
    expect(await place.client.visit(place.there).data.all()).toEqual({ cart: 1, b: 'short', n: 1 })
  })

  it('allows thousands of keys within it', async () => {
    const place = await neighbours({ maxSessionBytes: 1 << 20 })
    await place.client.request(place.here, (session) => session.set(manyKeys(10_000)))
    const all = await place.client.visit(place.there).data.all()
    expect(Object.keys(all)).toHaveLength(10_001)
    expect(all.k9999).toBe(9999)
  })
})

describe('keys with a meaning elsewhere are keys like others', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'v', 'x', ':', '', 'a\u0000b'])(
    '%j',
    async (key) => {
      const place = await neighbours()
      const value = { admin: true }
      await place.client.request(place.here, async (session) => {
        expect(await session.get(key)).toBeUndefined()
        await session.set(key, value)
      })
      const { data } = place.client.visit(place.there)
      expect(await data.get(key)).toEqual(value)
      const all = await data.all()
      expect(Object.getOwnPropertyDescriptor(all, key)?.value).toEqual(value)
      expect((all as { admin?: boolean }).admin).toBeUndefined()
      expect(({} as { admin?: boolean }).admin).toBeUndefined()
      expect(await place.neighbour.visit(place.here).data.get(key)).toBeUndefined()
      await place.client.request(place.there, (session) => session.delete(key))
      await expectUntouched(place)
    },
  )

  it('from an object with a member called __proto__', async () => {
    const place = await neighbours()
    await place.client.request(place.here, (session) => session.set(JSON.parse('{"__proto__":{"admin":true}}')))
    expect(await place.client.visit(place.there).data.get('__proto__')).toEqual({ admin: true })
  })
})

describe('what a request got', () => {
  it('is its own: nobody else sees what it does to it', async () => {
    const place = await neighbours()
    await place.client.request(place.here, async (session) => {
      await session.set('list', ['a'])
      const mine = (await session.get('list')) as string[]
      mine.push('not saved')
      const all = (await session.all()) as { list: string[] }
      all.list.push('not saved either')
      expect(await session.get('list')).toEqual(['a'])
    })
    expect(await place.client.visit(place.here).data.get('list')).toEqual(['a'])
  })

  it('is what was given at the time of set, not what became of it', async () => {
    const place = await neighbours()
    await place.client.request(place.here, async (session) => {
      const list = ['a']
      const setting = session.set('list', list)
      list.push('too late')
      await setting
      expect(await session.get('list')).toEqual(['a'])
    })
  })
})

function manyKeys(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]))
}
