import crypto from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SessionData } from '../support/backend.ts'
import { backend, Client, HOUR, OTHER_SECRET, SECRET, site, tokenText } from '../support/backend.ts'

// cookie-signature calls createHmac once per signature, made or checked; so its calls are what signatures cost.
const hmac = vi.spyOn(crypto, 'createHmac')
beforeEach(() => void hmac.mockClear())
afterAll(() => hmac.mockRestore())

/** Signatures and store commands of one piece of work. */
async function cost(store: { readonly total: number }, work: () => unknown) {
  const before = { signatures: hmac.mock.calls.length, commands: store.total }
  await work()
  return { signatures: hmac.mock.calls.length - before.signatures, commands: store.total - before.commands }
}

/** A client whose session holds a value, written at backend `a`. */
async function withData() {
  const place = site()
  const a = backend(place, 'a')
  const b = backend(place, 'b')
  const client = new Client()
  await client.request(a, (session) => session.set('cart', ['tea']))
  return { ...place, a, b, client }
}

describe('what a request costs', () => {
  it('counts: signing and verifying are one signature each', () => {
    crypto.createHmac('sha256', 'x').update('y').digest('base64')
    expect(hmac.mock.calls).toHaveLength(1)
  })

  it('no cookie: one signature', async () => {
    const place = site()
    const a = backend(place)
    const client = new Client()
    expect(await cost(place.store, () => client.answer(client.visit(a)))).toEqual({ signatures: 1, commands: 0 })
  })

  it('no cookie, and the session is read: no command more', async () => {
    const place = site()
    const a = backend(place)
    const client = new Client()
    const read = () => client.request(a, (session) => Promise.all([session.get('cart'), session.all()]))
    expect(await cost(place.store, read)).toEqual({ signatures: 1, commands: 0 })
  })

  it('a cookie seen before on this backend: nothing', async () => {
    const place = site()
    const a = backend(place)
    const client = new Client()
    client.answer(client.visit(a))
    expect(await cost(place.store, () => client.answer(client.visit(a)))).toEqual({ signatures: 0, commands: 0 })
  })

  it('a cookie new to this backend: one check, and the next time nothing', async () => {
    const { a, b, client, store } = await withData()
    expect(await cost(store, () => client.answer(client.visit(b)))).toEqual({ signatures: 1, commands: 0 })
    expect(await cost(store, () => client.answer(client.visit(b)))).toEqual({ signatures: 0, commands: 0 })
    expect(await cost(store, () => client.answer(client.visit(a)))).toEqual({ signatures: 0, commands: 0 })
  })

  it('a token older than a twentieth of idleTimeout: one signature, once', async () => {
    const place = site()
    const a = backend(place)
    const client = new Client()
    client.answer(client.visit(a))
    place.clock.forward(1.2 * HOUR)
    expect(await cost(place.store, () => client.answer(client.visit(a)))).toEqual({ signatures: 0, commands: 0 })
    place.clock.forward(1)
    expect(await cost(place.store, () => client.answer(client.visit(a)))).toEqual({ signatures: 1, commands: 0 })
    expect(await cost(place.store, () => client.answer(client.visit(a)))).toEqual({ signatures: 0, commands: 0 })
  })

  it('a token by a retired key: one check at most and one signature, once', async () => {
    const place = site()
    const old = backend(place, 'old', { secret: OTHER_SECRET })
    const now = backend(place, 'now', { secret: [SECRET, OTHER_SECRET] })
    const client = new Client()
    client.answer(client.visit(old))
    const kept = client.value
    expect(await cost(place.store, () => client.answer(client.visit(now)))).toEqual({ signatures: 2, commands: 0 })
    expect(await cost(place.store, () => client.answer(client.visit(now)))).toEqual({ signatures: 0, commands: 0 })
    client.value = kept
    expect(await cost(place.store, () => client.answer(client.visit(now)))).toEqual({ signatures: 1, commands: 0 })
  })

  it('get, with a copy as new as the token: nothing', async () => {
    const { a, client, store } = await withData()
    const read = () => client.request(a, (session) => session.get('cart'))
    expect(await cost(store, read)).toEqual({ signatures: 0, commands: 0 })
  })

  it('get, without a copy: one command for all reads of the request, and none for the next request', async () => {
    const { b, client, store } = await withData()
    client.answer(client.visit(b))
    const read = () =>
      client.request(b, async (session) => {
        const parallel = [session.get('cart'), session.get('user'), session.all(), session.get('cart')]
        expect(await Promise.all(parallel)).toEqual([['tea'], undefined, { cart: ['tea'] }, ['tea']])
        expect(await session.get('cart')).toEqual(['tea'])
      })
    expect(await cost(store, read)).toEqual({ signatures: 0, commands: 1 })
    expect(await cost(store, read)).toEqual({ signatures: 0, commands: 0 })
  })

  it('get, where the store does not tell of changes: one command per request', async () => {
    const place = site({ tells: false })
    const a = backend(place)
    const client = new Client()
    await client.request(a, (session) => session.set('cart', 1))
    const read = () =>
      client.request(a, async (session) => {
        await Promise.all([session.get('cart'), session.get('user')])
        await session.all()
      })
    expect(await cost(place.store, read)).toEqual({ signatures: 0, commands: 1 })
    expect(await cost(place.store, read)).toEqual({ signatures: 0, commands: 1 })
  })

  it.each<[string, (session: SessionData) => Promise<unknown>]>([
    ['set', (session) => session.set('cart', ['milk'])],
    ['set of several keys', (session) => session.set({ cart: [], user: 'ada', theme: null })],
    ['update', (session) => session.update('cart', (cart) => [...(cart as string[]), 'milk'])],
    ['delete', (session) => session.delete('cart')],
    ['delete of several keys', (session) => session.delete('cart', 'user')],
    ['destroy', (session) => session.destroy()],
  ])('%s: one signature, one command', async (_, work) => {
    const { a, client, store } = await withData()
    expect(await cost(store, () => client.request(a, work))).toEqual({ signatures: 1, commands: 1 })
  })

  it('regenerate: one signature, one command', async () => {
    const { a, client, store } = await withData()
    const move = () => client.request(a, (_, visit) => visit.regenerate())
    expect(await cost(store, move)).toEqual({ signatures: 1, commands: 1 })
  })

  it('several writes in one request: one command each, one signature for all', async () => {
    const { a, client, store } = await withData()
    const work = () =>
      client.request(a, async (session) => {
        await session.set('a', 1)
        await session.set('b', 2)
        await session.delete('a')
      })
    expect(await cost(store, work)).toEqual({ signatures: 1, commands: 3 })
  })

  it('the first write of a new client: one command, nothing is read before', async () => {
    const place = site()
    const a = backend(place)
    const client = new Client()
    const work = () => client.request(a, (session) => session.update('visits', (n) => ((n as number) ?? 0) + 1))
    expect(await cost(place.store, work)).toEqual({ signatures: 1, commands: 1 })
    expect(place.store.calls).toMatchObject({ read: 0, write: 1 })
  })

  it('update without a copy: a read and a write', async () => {
    const { b, client, store } = await withData()
    client.answer(client.visit(b))
    const work = () => client.request(b, (session) => session.update('cart', () => []))
    expect(await cost(store, work)).toEqual({ signatures: 1, commands: 2 })
  })

  it('a forged cookie: one check, and the signature of the new session; no command', async () => {
    const place = site()
    const a = backend(place)
    const victim = new Client()
    const cookie = victim.answer(victim.visit(a)) ?? ''
    const forged = new Client()
    forged.value = tokenText(cookie).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'))
    let visit = forged.visit(a)
    expect(await cost(place.store, () => (visit = forged.visit(a)))).toEqual({ signatures: 1, commands: 0 })
    expect(visit.reason).toBe('bad-signature')
    expect(await cost(place.store, () => forged.answer(visit))).toEqual({ signatures: 1, commands: 0 })
  })

  it('a cookie that is no token, or of an unknown key: not even a check', async () => {
    const place = site()
    const a = backend(place)
    const stranger = new Client()
    stranger.answer(stranger.visit(backend(place, 'elsewhere', { secret: OTHER_SECRET })))
    const arrive = () => {
      expect(stranger.visit(a).reason).toBe('unknown-key')
      expect(a.engine.arrive({ cookieHeader: 'limpet=nonsense' }).reason).toBe('malformed')
    }
    expect(await cost(place.store, arrive)).toEqual({ signatures: 0, commands: 0 })
  })

  it('a header full of forged cookies: eight checks at most', async () => {
    const place = site()
    const a = backend(place)
    const client = new Client()
    client.answer(client.visit(a))
    const forged = `limpet=${client.value?.slice(0, -1)}`
    const cookieHeader = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((last) => forged + last).join('; ')
    expect(await cost(place.store, () => a.engine.arrive({ cookieHeader }))).toMatchObject({
      commands: 0,
    })
    expect(hmac.mock.calls.length).toBeLessThanOrEqual(1 + 8)
  })
})
