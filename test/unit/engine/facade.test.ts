import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import type { Session } from '../../../src/ports/sticky.ts'
import { backend, Client, site } from '../support/backend.ts'

/** A session as an application has it. */
function begin() {
  const client = new Client()
  const { sticky } = client.visit(backend(site(), 'here'))
  return { sticky, session: sticky.session as Session & Record<string, unknown> }
}

describe('what is written onto the session like onto an object', () => {
  it.each(['user', 'cart', '__proto', '0', ''])('is refused, and the error names set: %j', (name) => {
    const { session } = begin()
    expect(() => {
      session[name] = 'ada'
    }).toThrow(
      expect.objectContaining({
        code: 'ERR_LIMPET_KEY',
        message: expect.stringContaining(`await session.set('${name}', value)`),
      }),
    )
    expect(Object.keys(session)).toEqual([])
  })

  it('also in sloppy code, by Object.assign and by Reflect.set', () => {
    const { session } = begin()
    const sloppy = new Function('session', "session.user = 'ada'")
    const named = expect.objectContaining({ message: expect.stringContaining("session.set('user', value)") })
    expect(() => sloppy(session)).toThrow(named)
    expect(() => Object.assign(session, { user: 'ada' })).toThrow(named)
    expect(() => Reflect.set(session, 'user', 'ada')).toThrow(named)
  })

  it('never has the value in the error, nor a key that could begin a line', () => {
    const { session } = begin()
    expect(() => {
      session['a\nb'] = 'a secret'
    }).toThrow(/^session\.a\\nb = \.\.\. stores nothing(?!.*secret)/)
  })

  it('reading what is not there is harmless: loggers and await do it', async () => {
    const { session } = begin()
    for (const name of ['user', 'then', 'toString', 'length', 'constructor', Symbol.iterator]) {
      expect(() => session[name as string]).not.toThrow()
    }
    expect(session.user).toBeUndefined()
    expect(await session).toBe(session)
    expect(`${inspect(session, { showProxy: true, depth: 9 })}${JSON.stringify(session)}`).toContain('behind')
  })

  it('a mark under a symbol, as tools set them, stays', () => {
    const { session } = begin()
    const mark = Symbol('mark')
    Reflect.set(session, mark, 1)
    expect(Reflect.get(session, mark)).toBe(1)
    expect(Reflect.get(begin().session, mark)).toBeUndefined()
  })
})

describe('methods that were taken off', () => {
  it('work', async () => {
    const { sticky } = begin()
    const { session, regenerate } = sticky
    const { get, set, update, all, delete: remove, destroy } = session as Session
    await set('cart', ['net'])
    await update('n', (n) => Number(n ?? 0) + 1)
    expect(await Promise.all(['cart', 'n'].map(get))).toEqual([['net'], 1])
    await remove('n')
    expect(await all()).toEqual({ cart: ['net'] })
    const before = sticky.id
    await regenerate({ user: 'ada' })
    expect(sticky.id).not.toBe(before)
    expect(await get('user')).toBe('ada')
    await destroy()
    expect(await all()).toEqual({})
  })

  it('belong to their own request', async () => {
    const [one, other] = [begin().session, begin().session]
    const { set } = one
    await set('user', 'ada')
    expect(await other.get('user')).toBeUndefined()
    expect(await one.get('user')).toBe('ada')
  })

  it('may be replaced and spied on, for one request', async () => {
    const { session } = begin()
    const seen: unknown[] = []
    const { set } = session
    session.set = ((...args: Parameters<typeof set>) => {
      seen.push(args)
      return set(...args)
    }) as never
    await session.set('user', 'ada')
    expect(seen).toEqual([['user', 'ada']])
    const spy = vi.spyOn(session, 'get')
    expect(await session.get('user')).toBe('ada')
    expect(spy).toHaveBeenCalledWith('user')
    expect(begin().session.set).not.toBe(session.set)
  })
})
