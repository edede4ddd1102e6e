import { afterEach, describe, expect, it } from 'vitest'
import { decodeToken } from '../../src/core/token.ts'
import { memoryStore, type StickyOptions, type Store } from '../../src/index.ts'
import { type Answer, ask, textOf } from './support/client.ts'
import { type App, express5, type Framework, frameworks } from './support/frameworks.ts'
import { type Running, serve } from './support/server.ts'

const SECRET = 'a secret of the tests, 32 bytes or more'

let open: { running: Running; app: App }[] = []
afterEach(async () => {
  for (const { running, app } of open) {
    await running.close()
    await app.close()
  }
  open = []
})

/** A backend of which the balancer knows by this name. */
async function backend(framework: Framework, name: string, store: Store, more: StickyOptions = {}, trust = false) {
  const hint = { cookie: 'route', value: name }
  const options = { secret: SECRET, store, backend: { id: name }, hint, onEvent: () => {}, ...more }
  const app = framework.make(
    options,
    async ({ session, regenerate }, { path }) => {
      if (path === '/throw') throw new Error('on purpose')
      if (path === '/write') await session.set('cart', 1)
      if (path === '/logout') await session.destroy()
      if (path === '/shared') return { headers: { 'Cache-Control': 'public, max-age=60' } }
      if (path === '/own') return { headers: { 'Set-Cookie': 'route=mine' } }
      if (path === '/login') await regenerate()
      return path === '/out' ? { status: 302, headers: { Location: '/' } } : { status: path === '/missing' ? 404 : 200 }
    },
    trust,
  )
  const running = await serve(app.listener)
  open.push({ running, app })
  return running.port
}

/** `name=value` of all that is set. */
const set = ({ headers }: Answer) => (headers['set-cookie'] ?? []).map((line) => line.split(';')[0])
const hintOf = (answer: Answer) => (answer.headers['set-cookie'] ?? []).filter((line) => line.startsWith('route='))
const ownerOf = ({ cookies }: Answer) => decodeToken(textOf(cookies.at(-1) ?? ''))?.token.owner
const tokenOf = ({ cookies }: Answer) => cookies.at(-1)?.split(';')[0] ?? ''

describe.each(frameworks)('$name: the hint for the load balancer (law 1)', (framework) => {
  it('comes to whoever has another or none, on errors and redirects too, and to nobody else', async () => {
    const port = await backend(framework, 'web1', memoryStore())
    for (const path of ['/', '/missing', '/throw', '/out', '/write']) {
      const first = await ask(port, path)
      expect(set(first), path).toEqual([expect.stringMatching(/^limpet=/), 'route=web1'])
      const token = tokenOf(first)
      expect(set(await ask(port, path, { headers: { cookie: `${token}; route=web1` } })), path).toHaveLength(1)
      for (const other of ['route=web9', 'route=', 'route=web1; route=web9', 'x-route=web1']) {
        expect(hintOf(await ask(port, path, { headers: { cookie: `${token}; ${other}` } })), other).toHaveLength(1)
      }
    }
  })

  it("has our cookie's attributes, ends with the browser, and takes the place of the application's own", async () => {
    const cookie = { path: '/shop', domain: 'example.com', sameSite: 'strict', secure: true } as const
    const port = await backend(framework, 'web1', memoryStore(), { cookie })
    const attributes = '; Domain=example.com; Path=/shop; HttpOnly; Secure; SameSite=Strict'
    expect(hintOf(await ask(port, '/'))).toEqual([`route=web1${attributes}`])
    expect(set(await ask(port, '/own'))).toEqual([expect.stringMatching(/^limpet=/), 'route=web1'])
  })

  it('never leaves without our cookie: not to a shared cache (law 9), not before the first write', async () => {
    const port = await backend(framework, 'web1', memoryStore(), { firstCookie: 'on-write' })
    expect(set(await ask(port, '/'))).toEqual([])
    expect(set(await ask(port, '/shared'))).toEqual([])
    expect(set(await ask(port, '/write'))).toHaveLength(2)
    const always = await backend(framework, 'web1', memoryStore())
    expect(set(await ask(always, '/shared'))).toEqual([])
    const emits = await backend(framework, 'web1', memoryStore(), { cacheable: 'emit' })
    expect(set(await ask(emits, '/shared'))).toHaveLength(2)
  })
})

describe('where every request is served where it lands', () => {
  it('a session that the balancer sends elsewhere moves, and its hint with it; one with the right hint costs nothing', async () => {
    const store = memoryStore()
    const [one, two] = [await backend(express5, 'web1', store), await backend(express5, 'web2', store)]
    const first = await ask(one, '/write')
    const moved = await ask(two, '/', { headers: { cookie: `${tokenOf(first)}; route=web1` } })
    expect([ownerOf(moved), hintOf(moved)[0]]).toEqual(['web2', expect.stringMatching(/^route=web2;/)])
    // What came back late: the hint leads here, so nothing is signed.
    const stale = await ask(two, '/', { headers: { cookie: `${tokenOf(first)}; route=web2` } })
    expect([tokenOf(stale), hintOf(stale)]).toEqual([tokenOf(first), []])
  })

  it('a login and a logout keep the hint that is right', async () => {
    const port = await backend(express5, 'web1', memoryStore())
    const first = await ask(port, '/write')
    const login = await ask(port, '/login', { headers: { cookie: `${tokenOf(first)}; route=web1` } })
    expect(set(login)).toEqual([expect.stringMatching(/^limpet=/)])
    const logout = await ask(port, '/logout', { headers: { cookie: `${tokenOf(login)}; route=web1` } })
    expect(set(logout)).toEqual([expect.stringMatching(/^limpet=/)])
    expect(set(await ask(port, '/logout', { headers: { cookie: tokenOf(login) } }))).toHaveLength(2)
  })

  it('is Secure when our cookie is', async () => {
    const port = await backend(express5, 'web1', memoryStore(), {}, true)
    const secure = await ask(port, '/', { headers: { 'x-forwarded-proto': 'https' } })
    expect(secure.headers['set-cookie']?.filter((line) => line.includes('; Secure'))).toHaveLength(2)
    expect((await ask(port, '/')).headers['set-cookie']?.filter((line) => line.includes('; Secure'))).toEqual([])
  })
})
