import { describe, expect, it } from 'vitest'
import { backend, Client, site } from '../support/backend.ts'

/** A client whose cookie knows of nothing, although its session holds a value: the answer to the write was lost. */
async function lostAnswer() {
  const place = site()
  const here = backend(place, 'here')
  const client = new Client()
  client.answer(client.visit(here))
  await client.visit(here).data.set('user', 'ada')
  expect(client.token.version).toBe(0)
  return { place, here, client }
}

describe('a token of version 0 does not prove that nothing is stored (law 4)', () => {
  it('a backend that was started later reads what was acknowledged (law 3)', async () => {
    const { client, place } = await lostAnswer()
    const later = backend(place, 'later')
    const { data } = client.visit(later)
    expect(await data.get('user')).toBe('ada')
    expect(await data.all()).toEqual({ user: 'ada' })
  })

  it('a stream that writes after its head has left is read as well (law 3)', async () => {
    const place = site()
    const here = backend(place, 'here')
    const client = new Client()
    const stream = client.visit(here)
    client.answer(stream)
    await stream.data.set('progress', 1)
    for (const at of [here, backend(place, 'later')]) {
      await new Client().request(at, () => undefined)
      const again = client.visit(at)
      expect(await again.data.get('progress')).toBe(1)
    }
  })

  it('a backend that has forgotten the news reads it, however many other sessions have changed', async () => {
    const { client, here } = await lostAnswer()
    const { cache, log } = here.engine.services
    for (let i = 0; i < 51_000; i++) log.mark(`other ${i}`)
    cache.drop(client.token.id)
    expect(await client.visit(here).data.get('user')).toBe('ada')
  })

  it('a delete by such a client removes what is there', async () => {
    const { client, place } = await lostAnswer()
    await client.visit(backend(place, 'later')).data.delete('user')
    expect(await client.visit(backend(place, 'another')).data.all()).toEqual({})
  })

  it('an update by such a client counts from what is there', async () => {
    const { client, place } = await lostAnswer()
    await client.visit(backend(place, 'later')).data.update('user', (user) => `${user} lovelace`)
    expect(await client.visit(backend(place, 'another')).data.get('user')).toBe('ada lovelace')
  })

  it('a remembered "nothing" is forgotten with the first write of another backend', async () => {
    const place = site()
    const [here, there] = [backend(place, 'here'), backend(place, 'there')]
    const client = new Client()
    client.answer(client.visit(here))
    expect(await client.visit(here).data.get('user')).toBeUndefined()
    await client.visit(there).data.set('user', 'ada')
    expect(await client.visit(here).data.get('user')).toBe('ada')
  })

  it('a remembered "nothing" is not believed while nobody tells what changes, nor for longer than ten seconds', async () => {
    const place = site()
    const [here, there] = [backend(place, 'here'), backend(place, 'there')]
    const client = new Client()
    client.answer(client.visit(here))
    expect(await client.visit(here).data.get('user')).toBeUndefined()
    place.store.deaf = true
    await client.visit(there).data.set('user', 'ada')
    place.clock.forward(10)
    expect(await client.visit(here).data.get('user')).toBe('ada')
  })

  it('no number of clients without data pushes out copies of data', async () => {
    const place = site()
    const here = backend(place)
    const client = new Client()
    await client.request(here, (session) => session.set('user', 'ada'))
    for (let i = 0; i < 21_000; i++) {
      const visitor = new Client()
      visitor.answer(visitor.visit(here))
      await visitor.visit(here).data.get('user')
    }
    const before = place.store.calls.read
    expect(await client.visit(here).data.get('user')).toBe('ada')
    expect(place.store.calls.read).toBe(before)
  })
})
