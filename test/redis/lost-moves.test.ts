import { describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { Browser } from './support/backend.ts'
import { LIBRARIES } from './support/clients.ts'
import { hasEnded, keyOf } from './support/keys.ts'
import { stage } from './support/scene.ts'

describe.concurrent.each(LIBRARIES)('%s: a change of id that a failover took back', (library) => {
  test.each([
    ['with the values of a login: their loss is announced (law 4)', { user: 'ada' }, true],
    ['alone: nothing was lost, and nothing is announced', undefined, false],
  ])('%s', async (_name, values, behind) => {
    const ends: (() => Promise<void>)[] = []
    try {
      const { scene, redis, admin } = await stage((end) => void ends.push(end))
      const { backend } = await scene.backend(library, redis.url)
      const browser = new Browser()
      const { value: old } = await browser.visit(backend, async (sticky) => {
        await sticky.session.set('cart', 'tea')
        return sticky.id
      })
      const before = await admin.get(keyOf(String(old)))
      const { id } = await browser.visit(backend, (sticky) => sticky.regenerate(values as never))
      // As a replica has it that heard of nothing after the cart.
      await admin.set(keyOf(String(old)), String(before))
      await admin.del(keyOf(String(id)), `${keyOf(String(old))}~`)
      await admin.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'yes')

      await until(() => hasEnded(admin, String(old)), 'the move was told again')
      const { value } = await browser.visit(backend, async ({ session }) => [await session.all(), session.behind])
      expect(value).toEqual([{ cart: 'tea' }, behind])
    } finally {
      for (const end of ends) await end()
    }
  })
})
