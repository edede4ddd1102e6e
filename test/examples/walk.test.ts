import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { ensureBuilt } from '../package/support/built.ts'
import { type Framework, killAll, SECRET, type Shop, startShop } from './support/shop.ts'
import { type Page, Visitor } from './support/visitor.ts'

const frameworks: readonly Framework[] = ['express', 'koa']
const ADA = { name: 'ada', password: 'limpet' }

describe.each(frameworks)('the %s example on three backends with one Redis', (framework) => {
  let a: Shop
  let b: Shop
  let c: Shop

  beforeAll(async () => {
    await ensureBuilt()
    const start = (id: string) =>
      startShop(framework, {
        BACKEND_ID: id,
        REDIS_URL: inject('redisUrl'),
        LIMPET_SECRET: SECRET,
        NODE_ENV: 'production',
      })
    ;[a, b, c] = await Promise.all([start('b1'), start('b2'), start('b3')])
  }, 180_000)
  afterAll(killAll)

  /** What each of the three shows to this visitor. */
  async function everywhere(visitor: Visitor): Promise<Page[]> {
    return [await visitor.get(a, '/cart'), await visitor.get(b, '/cart'), await visitor.get(c, '/cart')]
  }
  const shown = (pages: Page[]) => pages.map(({ backend, user, cart }) => ({ backend, user, cart }))
  const onAll = (what: { user: string | undefined; cart: Record<string, number> }) =>
    ['b1', 'b2', 'b3'].map((backend) => ({ backend, ...what }))

  test('login on one, cart on another, logout on a third', async () => {
    const ada = new Visitor()
    expect(await ada.get(a, '/')).toMatchObject({ status: 200, user: undefined, count: 0, backend: 'b1' })
    expect(await ada.post(b, '/cart', { sku: 'net' })).toMatchObject({ status: 303, location: '/cart' })
    expect(await ada.post(a, '/login', ADA)).toMatchObject({ status: 303, location: '/' })
    expect(await ada.post(b, '/cart', { sku: 'towel' })).toMatchObject({ status: 303, location: '/cart' })
    expect(shown(await everywhere(ada))).toEqual(onAll({ user: 'ada', cart: { net: 1, towel: 1 } }))
    expect(await ada.post(a, '/cart/remove', { sku: 'net' })).toMatchObject({ status: 303, location: '/cart' })
    expect(shown(await everywhere(ada))).toEqual(onAll({ user: 'ada', cart: { towel: 1 } }))

    const whoCopiedTheCookie = await ada.copy()
    expect(await ada.post(c, '/logout')).toMatchObject({ status: 303, location: '/' })
    expect(shown(await everywhere(ada))).toEqual(onAll({ user: undefined, cart: {} }))
    expect(shown(await everywhere(whoCopiedTheCookie))).toEqual(onAll({ user: undefined, cart: {} }))
  })

  test('who knew the id from before the login is not logged in with it', async () => {
    const victim = new Visitor()
    await victim.post(a, '/cart', { sku: 'bucket' })
    const attacker = await victim.copy()
    await victim.post(b, '/login', ADA)
    expect(shown(await everywhere(victim))).toEqual(onAll({ user: 'ada', cart: { bucket: 1 } }))
    expect(shown(await everywhere(attacker))).toEqual(onAll({ user: undefined, cart: {} }))
  })

  test('overlapping requests on different backends lose nothing', async () => {
    const visitor = new Visitor()
    await visitor.get(a, '/')
    const skus = ['net', 'towel', 'tides']
    const adds = Array.from({ length: 29 }, (_, i) =>
      visitor.post([a, b, c][i % 3] ?? a, '/cart', { sku: skus[i % 2] ?? 'net' }),
    )
    for (const added of await Promise.all(adds)) expect(added.status).toBe(303)
    // One more by itself, so that the jar holds the newest token, whatever order the others came back in.
    await visitor.post(b, '/cart', { sku: 'tides' })
    expect(shown(await everywhere(visitor))).toEqual(onAll({ user: undefined, cart: { net: 15, towel: 14, tides: 1 } }))
  })

  test.each([
    ['a page', 'GET', '/', {}, 200],
    ['no such page', 'GET', '/nowhere', {}, 404],
    ['a path that is no property of a table', 'GET', '/constructor', {}, 404],
    ['a wrong password', 'POST', '/login', { name: 'ada', password: 'barnacle' }, 401],
    ['a login without fields', 'POST', '/login', {}, 401],
    ['a redirect', 'POST', '/login', ADA, 303],
    ['something we do not sell', 'POST', '/cart', { sku: '__proto__' }, 404],
    ['a form that is too large', 'POST', '/cart', { sku: 'n'.repeat(5000) }, 413],
  ])('%s carries one cookie that every backend takes', async (_what, method, path, fields, status) => {
    const visitor = new Visitor()
    const page = method === 'GET' ? await visitor.get(a, path) : await visitor.post(a, path, fields)
    expect(page.status).toBe(status)
    expect(page.cookies).toHaveLength(1)
    expect(page.cookies[0]).toMatch(/^limpet=[\w.+/-]+; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/)
    const id = idOf(visitor)
    expect((await visitor.get(b, '/')).status).toBe(200)
    expect(idOf(visitor)).toBe(id)
  })

  test('pages run no script, load nothing, and their policy allows exactly their own style', async () => {
    const visitor = new Visitor()
    for (const path of ['/', '/login', '/cart', '/nowhere']) {
      const { text, headers } = await visitor.get(a, path)
      expect(text).not.toMatch(/<script|<link|\son\w+=|style="|src=/)
      const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? ''
      const hash = createHash('sha256').update(style).digest('base64')
      expect(headers.get('content-security-policy')).toContain(`default-src 'none'; style-src 'sha256-${hash}';`)
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  test('what a visitor typed is escaped', async () => {
    const page = await new Visitor().post(a, '/login', { name: `"><script>alert('x')</script>&`, password: '' })
    expect(page.text).toContain('value="&#34;&#62;&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;&#38;"')
    expect(page.text).not.toContain('<script')
  })
})

/** A token begins with its format (1 character), the key's id (4) and the session's id (24). */
function idOf(visitor: Visitor): string {
  return visitor.cookie().slice('limpet='.length + 5, 'limpet='.length + 29)
}
