import { describe, expect, it } from 'vitest'
import { backend, Client, site } from '../support/backend.ts'

function place() {
  const somewhere = site({ options: { firstCookie: 'on-write' } })
  return { ...somewhere, here: backend(somewhere, 'here'), there: backend(somewhere, 'there') }
}

describe("firstCookie: 'on-write'", () => {
  it('gives no cookie to whoever stores nothing', async () => {
    const { here, store } = place()
    const client = new Client()
    for (let i = 0; i < 3; i++) {
      await client.request(here, async (session) => {
        expect(await session.get('user')).toBeUndefined()
        await session.delete('user')
      })
    }
    expect(client.value).toBeUndefined()
    expect(store.total).toBe(0)
  })

  it('gives one with the first write, and from then on as ever', async () => {
    const { here, there } = place()
    const client = new Client()
    await client.request(here, (session) => session.set('user', 'ada'))
    expect(client.token.version).toBe(1)
    await client.request(there, async (session) => expect(await session.get('user')).toBe('ada'))
  })

  it('a slow response that stored nothing does not overwrite the cookie of a quick write', async () => {
    const { here, there } = place()
    const browser = new Client()
    const page = browser.visit(here)
    const form = browser.visit(there)
    await form.data.set('user', 'ada')
    browser.answer(form)
    expect(browser.answer(page)).toBeUndefined()
    expect(await browser.visit(here).data.get('user')).toBe('ada')
  })

  it('replaces the cookie after a logout all the same', async () => {
    const { here } = place()
    const client = new Client()
    await client.request(here, (session) => session.set('user', 'ada'))
    const { id } = client.token
    await client.request(here, (session) => session.destroy())
    expect(client.token.id).not.toBe(id)
  })

  it('a change of id by a visitor counts as wanting one', async () => {
    const { here } = place()
    const client = new Client()
    await client.request(here, (_session, visit) => visit.regenerate())
    expect(client.token.version).toBe(0)
  })
})
