import { describe, expect, test } from 'vitest'
import type { RedisServer } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { type Backend, Browser } from './support/backend.ts'
import { LIBRARIES, type Library } from './support/clients.ts'
import { type Stage, stage } from './support/scene.ts'

interface Case {
  readonly first?: string
  readonly loss: 'failover' | 'flush'
}

/**
 * A failover loses a write, and an overlapping request, which knows nothing of it, is the first to write to the new
 * server. Both writes follow the same version, so they must not get the same number. A server that starts again from an
 * older copy stands for the failover.
 */
async function overlap(library: Library, { scene, redis, admin }: Stage, { first, loss }: Case) {
  const one = (await scene.backend(library, redis.url)).backend
  const two = (await scene.backend(library, redis.url)).backend
  const browser = new Browser()
  await browser.visit(one, (sticky) => first && sticky.session.set('first', first))
  const tab = browser.fork()
  await admin.call('SAVE')

  let isUnderWay = false
  let goOn: (() => void) | undefined
  const overlapping = tab.visit(two, async ({ session }) => {
    isUnderWay = true
    await new Promise<void>((resolve) => {
      goOn = resolve
    })
    await session.set('second', 'b')
    return session.behind
  })
  await until(() => isUnderWay, 'the overlapping request is under way')
  const lost = await browser.visit(one, ({ session }) => session.set('lost', 'l'))
  expect(lost.error).toBeUndefined()
  if (loss === 'failover') await restarted(redis, one, two)
  else await admin.flushall()
  goOn?.()
  expect(await overlapping).toMatchObject({ error: undefined, value: false })
  return { one, two, browser }
}

async function restarted(redis: RedisServer, ...backends: Backend[]) {
  const ups = (backend: Backend) => backend.ofType('invalidation').filter(({ state }) => state === 'up').length
  const before = backends.map(ups)
  await redis.restart()
  await until(() => backends.every((backend, i) => ups(backend) > (before[i] ?? 0)), 'all are connected again')
}

describe.concurrent.each(LIBRARIES)('%s: two writes, one on each side of a loss (law 4)', (library) => {
  test.each([
    ['of a session with data', { first: 'f', loss: 'failover' }],
    ['the first ones of a session', { loss: 'failover' }],
    ['the first ones, of which one was evicted', { loss: 'flush' }],
  ] as const)('%s: who has seen the one that is lost is told', async (_name, how: Case) => {
    const all = { ...(how.first && { first: how.first }), second: 'b' }
    const ends: (() => Promise<void>)[] = []
    try {
      const { one, two, browser } = await overlap(library, await stage((end) => void ends.push(end)), how)
      // More than once: an answer may be lost, and other writes come between.
      const other = browser.fork()
      const read = await browser.visit(one, async ({ session }) => [await session.all(), session.behind])
      expect(read.value).toEqual([all, true])
      await browser.visit(two, ({ session }) => session.set('third', 'c'))
      const again = await other.visit(two, async ({ session }) => [await session.all(), session.behind])
      expect(again.value).toEqual([{ ...all, third: 'c' }, true])
      const next = await browser.visit(one, async ({ session }) => [await session.all(), session.behind])
      expect(next.value).toEqual([{ ...all, third: 'c' }, false])
    } finally {
      for (const end of ends) await end()
    }
  })

  test('a server that starts again with everything makes nobody behind', async () => {
    const ends: (() => Promise<void>)[] = []
    try {
      const { scene, redis } = await stage(
        (end) => void ends.push(end),
        ['--appendonly', 'yes', '--appendfsync', 'always'],
      )
      const { backend } = await scene.backend(library, redis.url)
      const browser = new Browser()
      await browser.visit(backend, ({ session }) => session.set('step', 0))
      for (const step of [1, 2, 3]) {
        const tab = browser.fork()
        await browser.visit(backend, ({ session }) => session.set('step', step))
        await restarted(redis, backend)
        const write = await browser.visit(backend, ({ session }) => session.set('again', step))
        expect(write.error).toBeUndefined()
        for (const client of [tab, browser]) {
          const read = await client.fork().visit(backend, async ({ session }) => [await session.all(), session.behind])
          expect(read.value).toEqual([{ step, again: step }, false])
        }
      }
      expect(backend.ofType('behind')).toEqual([])
    } finally {
      for (const end of ends) await end()
    }
  })
})
