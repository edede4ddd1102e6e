import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import type { Registry } from '../../src/ports/backends.ts'
import { type RedisClient, redisStore } from '../../src/redis.ts'
import { until } from '../support/until.ts'

const MINUTE = 60_000
const ends: (() => unknown)[] = []
let admin: Redis

beforeAll(() => {
  admin = new Redis(inject('redisUrl'))
})
afterAll(async () => {
  for (const end of ends.reverse()) await end()
  admin.disconnect()
})

interface Connected {
  readonly client: RedisClient
  readonly end: () => void
}

function ioredis(): Connected {
  const client = new Redis(inject('redisUrl'))
  return { client, end: () => client.disconnect() }
}

function nodeRedis(): Connected {
  const client = createClient({ url: inject('redisUrl') })
  return { client, end: () => client.isOpen && client.destroy() }
}

let prefixes = 0
/** A registry of its own, as two backends reach it. */
const places: [string, () => Registry[]][] = [
  [
    'memory',
    () => {
      const { backends } = memoryStore()
      return backends ? [backends, backends] : []
    },
  ],
  ['Redis with ioredis', () => shared(ioredis)],
  ['Redis with node-redis', () => shared(nodeRedis)],
]

function shared(connect: () => Connected): Registry[] {
  const prefix = `registry-${process.pid}-${++prefixes}:`
  return [1, 2].flatMap(() => {
    const { client, end } = connect()
    const store = redisStore(client, { prefix })
    const { backends } = store
    ends.push(
      end,
      () => store.close?.(),
      () => backends?.close?.(),
    )
    return backends ?? []
  })
}

describe.each(places)('the registry of backends in %s', (_name, place) => {
  const start = () => {
    const [one, two] = place()
    if (!one || !two) throw new Error('this store has no registry')
    return [one, two] as const
  }
  const names = (all: readonly { boot: string }[]) => all.map(({ boot }) => boot).sort()

  it('tells each backend of all, with what each has said last, and how long ago', async () => {
    const [one, two] = start()
    await one.announce('one-boot', 'first', { forget: MINUTE })
    await one.announce('one-boot', 'a record "with" \n all sorts é\t', { forget: MINUTE })
    const all = await two.announce('two-boot', 'second', { forget: MINUTE })
    expect(names(all)).toEqual(['one-boot', 'two-boot'])
    const first = all.find(({ boot }) => boot === 'one-boot')
    expect(first?.record).toBe('a record "with" \n all sorts é\t')
    expect(first?.age).toBeGreaterThanOrEqual(0)
    const later = async () =>
      (await two.announce('two-boot', 'second', { forget: MINUTE })).find(({ boot }) => boot === 'one-boot')
    await until(async () => ((await later())?.age ?? 0) > (first?.age ?? 0) + 20, 'it ages')
  })

  it('forgets whoever has not renewed its record, and who withdraws', async () => {
    const [one, two] = start()
    await one.announce('one-boot', 'first', { forget: MINUTE })
    await until(
      async () => names(await two.announce('two-boot', 'second', { forget: 50 })).length === 1,
      'it is forgotten',
    )
    await one.announce('one-boot', 'first', { forget: MINUTE })
    await two.withdraw('two-boot')
    expect(names(await one.announce('one-boot', 'first', { forget: MINUTE }))).toEqual(['one-boot'])
  })

  it('gives the session of a backend that is gone to one of those who ask, and says to all which', async () => {
    const [one, two] = start()
    const id = 'abcdefghijklmnopqrstuvwx'
    const how = (by: string, instead = 'gone-boo') => ({ by, instead, ttl: MINUTE })
    const asked = Array.from({ length: 20 }, (_, n) =>
      (n % 2 ? one : two).adopt(id, how(n % 2 ? 'one-boot' : 'two-boot')),
    )
    const owners = new Set(await Promise.all(asked))
    expect(owners.size).toBe(1)
    const [owner = ''] = owners
    // That one ends as well, and somebody else asks for what was its own.
    expect(await two.adopt(id, how('thr-boot', owner))).toBe('thr-boot')
    expect(await one.adopt(id, how('one-boot', owner))).toBe('thr-boot')
    // Who still has the first cookie is told of the last owner.
    expect(await one.adopt(id, how('one-boot'))).toBe('thr-boot')
  })

  it('remembers an adoption for its time', async () => {
    const [one, two] = start()
    const id = 'bbcdefghijklmnopqrstuvwx'
    expect(await one.adopt(id, { by: 'one-boot', instead: 'gone-boo', ttl: 50 })).toBe('one-boot')
    await until(
      async () => (await two.adopt(id, { by: 'two-boot', instead: 'gone-boo', ttl: 50 })) === 'two-boot',
      'the adoption is forgotten',
    )
  })
})

it('records in Redis that are none are dropped', async () => {
  const [one] = shared(ioredis)
  const prefix = `registry-${process.pid}-${prefixes}:`
  await admin.hset(`${prefix}{backends}`, 'junk', 'no record')
  expect((await one?.announce('one-boot', 'first', { forget: MINUTE }))?.map(({ boot }) => boot)).toEqual(['one-boot'])
  expect(await admin.hkeys(`${prefix}{backends}`)).toEqual(['one-boot'])
})
