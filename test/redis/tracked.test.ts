import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { redisStore } from '../../src/redis.ts'
import { change, expecting, how, LONG, read } from '../../src/testing/steps.ts'
import { until } from '../support/until.ts'
import { Watching } from './support/watching.ts'

const clients: Redis[] = []
let mine: Store
let theirs: Store
let watching: Watching
let count = 0

const connect = () => {
  const client = new Redis(inject('redisUrl'), { lazyConnect: true })
  clients.push(client)
  return redisStore(client, { prefix: 'tracked:' })
}

beforeAll(async () => {
  mine = connect()
  theirs = connect()
  watching = new Watching(mine)
  await watching.trusted()
})
afterAll(async () => {
  watching.stop()
  await mine.close?.()
  await theirs.close?.()
  for (const client of clients) client.disconnect()
})

const newId = () => `ab${String(count++).padStart(22, '0')}`
const isTold = (id: string) => watching.told.includes(`changed ${id}`)

/** What a store does with a session of `{ n: '1' }`; resolves to its new id if it has one. */
const doings: Record<string, (id: string) => Promise<unknown>> = {
  'a read': (id) => read(mine, id),
  'a read that renews': (id) => read(mine, id, { touch: LONG }),
  'a read that finds a loss': (id) => read(mine, id, { seen: 9 }),
  'a write': (id) => mine.write(id, change({ n: '2' })),
  'a write that is stopped': (id) => mine.write(id, change({}, expecting('n', '0'))),
  'a claim': (id) => mine.write(id, change({}, { ...expecting('n', '0'), claim: { key: 'n', by: 'me', ms: 1 } })),
  'a touch': (id) => mine.touch(id, LONG),
  'a move': async (id) => {
    const to = newId()
    await mine.move(id, to, how())
    return to
  },
}

test.each(Object.entries(doings))('after %s, and a second one, the next change is told', async (_, doing) => {
  const id = newId()
  await theirs.write(id, change({ n: '1' }))
  let now = id
  for (let i = 0; i < 2; i++) {
    const result = await doing(now)
    if (typeof result === 'string') now = result
  }
  const barrier = newId()
  await read(mine, barrier)
  await theirs.write(barrier, change({ n: '1' }))
  await until(() => isTold(barrier), 'everything before has been told')
  expect(isTold(now), 'told of its own change').toBe(false)
  await theirs.write(now, change({ n: '3' }))
  await until(() => isTold(now), 'the change is told')
})
