import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GuardedStore } from '../../src/engine/process/guarded-store.ts'
import type { LimpetEvent } from '../../src/ports/events.ts'
import { redisStore } from '../../src/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { change, ending, moving, reading } from './support/calls.ts'
import { handIn, LIBRARIES } from './support/clients.ts'
import { Scene } from './support/scene.ts'
import { Watching } from './support/watching.ts'

// Law 11: a deadline is judged by whether an answer had come, not by whether our own event loop was free.

/** Milliseconds; longer than a call may take. */
const BLOCK = 1500

let scene: Scene
let redis: RedisServer

beforeEach(async () => {
  scene = new Scene()
  redis = scene.add(await startRedis(), (server) => server.stop())
})
afterEach(() => scene.end())

function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

const idOf = (n: number) => `ab${n}`.padEnd(24, 'x')

describe.each(LIBRARIES)(
  'the event loop stands still for longer than storeTimeout, and Redis is well: %s',
  (library) => {
    const start = async () => {
      const handedIn = scene.add(await handIn(library, redis.url), (client) => client.end())
      const store = scene.add(redisStore(handedIn.client), (one) => one.close?.())
      const watching = scene.add(new Watching(store), (one) => one.stop())
      await watching.trusted()
      const events: LimpetEvent[] = []
      return { store, watching, events, guard: new GuardedStore(store, 1000, (event) => events.push(event)) }
    }
    const writes = (guard: GuardedStore) =>
      Array.from({ length: 8 }, (_, n) =>
        guard.call('write', (store) => store.write(idOf(n), change(String(n), { within: guard.timeout }))),
      )

    test.each<[string, () => Promise<void>]>([
      ['at once, before anything was sent', async () => block(BLOCK)],
      ['after it was sent', () => new Promise((resolve) => setImmediate(() => resolve(block(BLOCK))))],
      [
        'in a callback of the same turn that reads the answers',
        () => new Promise((go) => setTimeout(() => go(block(BLOCK)), 1)),
      ],
      [
        'three times in a row',
        async () => {
          for (let n = 0; n < 3; n++) {
            block(700)
            await new Promise((resolve) => setImmediate(resolve))
          }
        },
      ],
    ])('%s: no write rejects, and nothing is held back', async (_when, lag) => {
      const { guard, events, watching } = await start()
      // Scripts are known to the server from here on.
      await Promise.all(writes(guard))
      for (let round = 0; round < 3; round++) {
        const results = Promise.allSettled([
          ...writes(guard),
          guard.call('read', (store) => store.read(idOf(1), reading({ within: 1000 }))),
          guard.call('move', (store) => store.move(idOf(100 + round), idOf(200 + round), moving())),
          guard.call('destroy', (store) => store.destroy(idOf(300 + round), ending())),
        ])
        await lag()
        expect((await results).filter(({ status }) => status === 'rejected')).toEqual([])
      }
      expect(events).toEqual([])
      expect(watching.isTrusted).toBe(true)
      expect(watching.told).not.toContain('down')
    })

    test('a Redis that does not answer is given up all the same, and what was told to have failed does not happen', async () => {
      const { guard } = await start()
      await guard.call('write', (store) => store.write(idOf(1), change('1')))
      redis.pause()
      const results = Promise.allSettled(writes(guard))
      block(BLOCK)
      for (const result of await results) expect(result).toMatchObject({ status: 'rejected', reason: { outage: true } })
      redis.resume()
      const late = await guard
        .call('read', (store) => store.read(idOf(2), reading({ within: 10_000 })))
        .catch(() => undefined)
      if (late) expect(late.kind).toBe('absent')
    })
  },
)
