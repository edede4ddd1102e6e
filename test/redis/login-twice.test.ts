import { describe, expect, test } from 'vitest'
import type { Sticky } from '../../src/index.ts'
import { Browser } from './support/backend.ts'
import { LIBRARIES } from './support/clients.ts'
import { stage } from './support/scene.ts'

const all = ({ session }: Sticky) => session.all()

describe.concurrent.each(LIBRARIES)('%s: a login form whose second request arrives late', (library) => {
  test('however soon after the first one’s answer it is sent, it takes nothing along', async ({ onTestFinished }) => {
    const { scene, redis } = await stage(onTestFinished)
    const { backend: here } = await scene.backend(library, redis.url)
    const { backend: there } = await scene.backend(library, redis.url)
    for (let round = 0; round < 50; round++) {
      const browser = new Browser()
      await browser.visit(here, ({ session }) => session.set('cart', 'tea'))
      const late = browser.fork()
      await browser.visit(here, (sticky) => sticky.regenerate({ user: 'ada' }))
      const { value } = await late.visit(there, async (sticky) => {
        await sticky.regenerate({ user: 'bob' })
        return sticky.session.all()
      })
      expect(value).toEqual({ user: 'bob' })
    }
  })

  test('a logout with the cookie that it brought ends both sessions (law 6)', async ({ onTestFinished }) => {
    const { scene, redis } = await stage(onTestFinished)
    const { backend: here } = await scene.backend(library, redis.url)
    const { backend: there } = await scene.backend(library, redis.url)
    for (const [first, second] of [
      [here, there],
      [there, there],
    ] as const) {
      const browser = new Browser()
      await browser.visit(here, ({ session }) => session.set('cart', 'tea'))
      const late = browser.fork()
      await browser.visit(first, (sticky) => sticky.regenerate({ user: 'ada' }))
      const login = await late.visit(second, (sticky) => sticky.regenerate({ user: 'bob' }))

      expect(login.setCookie).toHaveLength(1)
      for (const at of [here, there]) {
        expect((await late.fork().visit(at, all)).value).toEqual({ user: 'bob' })
        expect((await browser.fork().visit(at, all)).value).toEqual({ user: 'ada', cart: 'tea' })
      }
      // The browser has the second cookie in the first one's place.
      const gone = [browser.fork(), late.fork()]
      await late.visit(first, ({ session }) => session.destroy())
      for (const one of gone) {
        // A read can be late by as long as Redis takes to tell; what is asked of Redis is not.
        for (const at of [here, there]) {
          const write = await one.fork().visit(at, async ({ session }) => {
            await session.update('cart', (cart) => `${cart ?? 'nothing'} and cake`)
            return session.all()
          })
          expect(write.value).toEqual({ cart: 'nothing and cake' })
        }
      }
    }
  })
})
