import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GuardedStore } from '../../src/engine/process/guarded-store.ts'
import type { LimpetEvent } from '../../src/ports/events.ts'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { change, ending, reading } from './support/calls.ts'
import { calls, handIn, LIBRARIES, outside } from './support/clients.ts'
import { Scene } from './support/scene.ts'
import { Watching } from './support/watching.ts'

// Law 11: what Redis would answer is asked. A server that takes no writes still reads.

const ID = 'abcdefghijklmnopqrstuvwx'
const ENDED = 'abyyyyyyyyyyyyyyyyyyyyyy'
const ABSENT = 'abzzzzzzzzzzzzzzzzzzzzzz'

let scene: Scene
let redis: RedisServer
let admin: Redis

beforeEach(async () => {
  scene = new Scene()
  redis = scene.add(await startRedis(), (server) => server.stop())
  admin = scene.add(outside(redis.url), (client) => client.disconnect())
})
afterEach(() => scene.end())

describe.each(LIBRARIES)('%s', (library) => {
  const start = async () => {
    const handedIn = scene.add(await handIn(library, redis.url, { unconnected: true }), (client) => client.end())
    const store = scene.add(redisStore(handedIn.client), (one) => one.close?.())
    const watching = scene.add(new Watching(store), (one) => one.stop())
    await watching.trusted()
    await store.write(ID, change('"here"'))
    await store.write(ENDED, change('"here"'))
    await store.destroy(ENDED, ending())
    const events: LimpetEvent[] = []
    const guard = new GuardedStore(store, 1000, (event) => events.push(event))
    const read = (id: string, touch?: number) =>
      guard.call('read', (one) => one.read(id, reading({ within: 1000, touch })))
    const write = () =>
      guard.call('write', (one) => one.write(ID, change('"later"', { within: 1000 }))).catch(() => 'failed')
    return { store, watching, events, read, write }
  }
  type Started = Awaited<ReturnType<typeof start>>

  async function expectReads({ read }: Started): Promise<void> {
    const found = { kind: 'found', version: 1, entries: new Map([['a', '"here"']]) }
    const answers = await Promise.all([read(ID), read(ID, 10_000), read(ENDED), read(ABSENT), read(ABSENT, 10_000)])
    expect(answers[0]).toMatchObject(found)
    expect(answers[1]).toMatchObject({ ...found, touched: false })
    expect(answers[2]).toMatchObject({ kind: 'tombstone', end: 'destroyed' })
    expect(answers.slice(3)).toEqual([{ kind: 'absent' }, { kind: 'absent' }])
  }

  test.each<[string, () => Promise<unknown>, string]>([
    ['READONLY', () => admin.replicaof('127.0.0.1', 1), 'open'],
    ['NOREPLICAS', () => admin.config('SET', 'min-replicas-to-write', '3'), 'untouched'],
  ])('%s: refused writes hold back no read', async (_word, fault, breaker) => {
    const it = await start()
    await fault()
    for (let n = 0; n < 12; n++) {
      expect(await it.write()).toBe('failed')
      await expectReads(it)
    }
    const breakers = it.events.filter(({ type }) => type === 'store-breaker')
    expect(breakers).toEqual(breaker === 'open' ? [{ type: 'store-breaker', state: 'open', operations: 'writes' }] : [])
    expect(it.events.some((event) => event.type === 'store-failed' && event.operation === 'read')).toBe(false)
  })

  test('OOM: the same', async () => {
    const it = await start()
    await admin.config('SET', 'maxmemory', '1')
    for (let n = 0; n < 12; n++) expect(await it.write()).toBe('failed')
    expect(await it.read(ID)).toMatchObject({ kind: 'found', version: 1 })
    expect(await it.read(ENDED)).toMatchObject({ kind: 'tombstone' })
    expect(it.events.filter(({ type }) => type === 'store-breaker')).toEqual([])
  })

  test('CLIENT PAUSE WRITE: reads pass by the writes that are held back', async () => {
    const it = await start()
    await admin.call('CLIENT', 'PAUSE', '20000', 'WRITE')
    await expectReads(it)
    const writes = Promise.all([it.write(), it.write(), it.write()])
    await expectReads(it)
    expect(await writes).toEqual(['failed', 'failed', 'failed'])
    await expectReads(it)
    expect(it.events.some((event) => event.type === 'store-failed' && event.operation === 'read')).toBe(false)
    // What was read elsewhere is not tracked, and so nobody keeps it.
    expect(it.watching.told).toContain(`changed ${ID}`)
    await admin.call('CLIENT', 'UNPAUSE')
  })

  test('a read that writes nothing is no script', async () => {
    const it = await start()
    const before = await calls(admin, 'evalsha')
    await Promise.all([it.read(ID), it.read(ABSENT)])
    expect((await calls(admin, 'evalsha')) - before).toBe(0)
  })
})
