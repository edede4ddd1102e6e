import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { MOVE_WINDOW, type Store } from '../../src/ports/store.ts'
import { redisStore } from '../../src/redis.ts'
import { change, how, LONG } from '../../src/testing/steps.ts'
import { startRedis } from '../support/redis-server.ts'

const clients: Redis[] = []
let admin: Redis
let store: Store
let count = 0

beforeAll(() => {
  const connect = (keyPrefix = '') => {
    const client = new Redis(inject('redisUrl'), { keyPrefix })
    clients.push(client)
    return client
  }
  admin = connect()
  // What a tombstone names are whole keys: the client's own prefix stands in them.
  store = redisStore(connect('app:'), { prefix: 'moved:' })
})
afterAll(async () => {
  await store.close?.()
  for (const client of clients) client.disconnect()
})

const newId = () => `ab${String(count++).padStart(22, '0')}`
const keyOf = (id: string) => `app:moved:{ab}${id.slice(2)}`

async function moved(): Promise<{ from: string; to: string }> {
  const [from, to] = [newId(), newId()]
  await store.write(from, change({ cart: '[1]' }))
  await store.move(from, to, how({ seen: 1, set: new Map([['user', '"ada"']]) }))
  return { from, to }
}

/** Lets a move have happened so many milliseconds earlier than it did. */
async function age(id: string, ms: number): Promise<void> {
  const [, when = '', rest = ''] = /^>(\d+)(.*)$/s.exec((await admin.get(keyOf(id))) ?? '') ?? []
  await admin.set(keyOf(id), `>${Number(when) - ms}${rest}`, 'KEEPTTL')
}

test('what moved is kept for the window, beside the old id', async () => {
  const { from, to } = await moved()
  const left = await admin.pttl(`${keyOf(from)}~`)
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThanOrEqual(MOVE_WINDOW)
  expect(await admin.get(`${keyOf(from)}~`)).toMatch(/^1 7 r\S{4}\n"cart"\t\[1\]$/)
  expect(await admin.get(keyOf(from))).toMatch(/^>\d{13} 1\napp:moved:/)
  // For as long as others may have moved it too, the new one knows where it came from.
  expect(await admin.get(keyOf(to))).toMatch(
    /^2 16 r\S{4} f\d{13}:app:moved:\{ab\}\d{22}\n"cart"\t\[1\]\n"user"\t"ada"$/,
  )
})

test('after the window an old id gets nothing, and ends nothing but for requests from before', async () => {
  const { from, to } = await moved()
  await age(from, MOVE_WINDOW + 1000)
  const late = await store.move(from, newId(), how({ seen: 1, age: LONG }))
  expect(late).toMatchObject({ kind: 'tombstone', end: 'moved' })
  expect(await store.destroy(from, how({ age: 5000 }))).toMatchObject({ kind: 'tombstone', end: 'moved' })
  expect(await admin.get(keyOf(to))).toMatch(/^2 /)
  expect(await store.destroy(from, how({ age: LONG }))).toMatchObject({ kind: 'destroyed' })
  expect(await admin.get(keyOf(to))).toMatch(/^-\d+$/)
  expect(await admin.exists(`${keyOf(from)}~`)).toBe(0)
})

test('a change of id over and over ends with a logout, and no more than a hundred ids are looked at', async () => {
  let id = newId()
  const first = id
  await store.write(id, change({ n: '1' }))
  for (let i = 0; i < 100; i++) {
    const to = newId()
    await store.move(id, to, how())
    id = to
  }
  expect(await store.destroy(first, how())).toMatchObject({ kind: 'destroyed' })
  expect(await admin.get(keyOf(id))).toMatch(/^-\d+$/)
})

test('one session goes on under no more than twenty ids', async () => {
  const { from } = await moved()
  const kinds: string[] = []
  for (let i = 0; i < 20; i++) kinds.push((await store.move(from, newId(), how({ seen: 1, age: LONG }))).kind)
  expect(kinds).toEqual([...Array(19).fill('moved'), 'tombstone'])
})

const late = { age: -1000, begins: { ttl: LONG } }
const bob = new Map([['user', '"bob"']])

test('a move that comes too late to take anything along begins with its values, and belongs to the others', async () => {
  const { from, to } = await moved()
  const other = newId()
  expect(await store.move(from, other, how({ ...late, seen: 1, set: bob, lifetime: 5000 }))).toEqual({
    kind: 'moved',
    version: 2,
    behind: 0,
    began: true,
  })
  const since = /^>(\d+)/.exec((await admin.get(keyOf(from))) ?? '')?.[1]
  const run = /^2 9 (r\S{4}) /.exec((await admin.get(keyOf(other))) ?? '')?.[1]
  expect(await admin.get(keyOf(other))).toBe(`2 9 ${run} f${since}:${keyOf(from)}\n"user"\t"bob"`)
  expect(await admin.get(keyOf(from))).toBe(`>${since} 1\n${keyOf(to)}\n${keyOf(other)}`)
  expect(await admin.get(keyOf(to))).toContain('"cart"\t[1]')
  expect(await store.destroy(other, how())).toEqual({ kind: 'destroyed', successors: [to] })
  expect(await admin.get(keyOf(to))).toMatch(/^-\d+$/)
})

test('the moment for that is judged by the clock of Redis', async () => {
  const { from } = await moved()
  const other = newId()
  await age(from, MOVE_WINDOW + 1)
  for (const began of [-1000, LONG]) {
    const result = await store.move(from, other, how({ ...late, age: began, seen: 1, set: bob }))
    expect(result).toMatchObject({ kind: 'tombstone', end: 'moved' })
  }
  expect(await admin.exists(keyOf(other))).toBe(0)
  // A clock that was set back: nobody knows what came first, so nothing is taken along, and it belongs to the others.
  await age(from, -LONG)
  expect(await store.move(from, other, how({ ...late, age: LONG, seen: 1, set: bob }))).toMatchObject({ began: true })
  expect(await store.read(other, { seen: 2, touch: undefined, ttl: LONG })).toMatchObject({ entries: bob })
})

test('beyond twenty ids none begins', async () => {
  const { from } = await moved()
  const results: unknown[] = []
  for (let i = 0; i < 20; i++) results.push(await store.move(from, newId(), how({ ...late, seen: 1, set: bob })))
  expect(results.filter((result) => Object(result).began)).toHaveLength(19)
  expect(results.at(-1)).toMatchObject({ kind: 'tombstone', end: 'moved' })
})

test('what moves and has stored nothing knows for the window where it came from, and no longer', async () => {
  const [from, to, last] = [newId(), newId(), newId()]
  await store.move(from, to, how())
  expect(await admin.get(keyOf(to))).toMatch(/^0 0 r\S{4} f\d{13}:app:moved:\{ab\}\d{22}$/)
  expect(await admin.pttl(keyOf(to))).toBeLessThanOrEqual(MOVE_WINDOW)
  const plainly = { seen: 0, touch: undefined, ttl: LONG }
  for (const touch of [undefined, LONG]) expect(await store.read(to, { ...plainly, touch })).toEqual({ kind: 'absent' })
  expect(await store.touch(to, LONG)).toEqual({ kind: 'absent' })
  const nothing = change({}, { expect: new Map([['n', '1']]), claim: { key: 'n', by: 'me', ms: 1000 } })
  expect(await store.write(to, nothing)).toMatchObject({ kind: 'conflict' })
  expect(await store.write(to, change({}, { delete: ['n'] }))).toEqual({ kind: 'written', version: 0, behind: 0 })
  expect(await admin.pttl(keyOf(to))).toBeLessThanOrEqual(MOVE_WINDOW)
  // Its own end leaves a mark, as that of any session that stored nothing.
  await store.move(to, last, how({ markTtl: 5000 }))
  expect(await admin.get(keyOf(to))).toMatch(/^>\d{13} 0 f\d{13}:app:moved:\{ab\}\d{22}\napp:moved:/)
  expect(await admin.pttl(keyOf(to))).toBeLessThanOrEqual(5000)
  expect(await admin.exists(`${keyOf(to)}~`)).toBe(0)
  await store.destroy(last, how({ markTtl: 5000 }))
  expect(await admin.pttl(keyOf(last))).toBeLessThanOrEqual(5000)
})

test('all of it with no more commands than docs/redis.md lists', async () => {
  const redis = await startRedis()
  const root = new Redis(redis.url)
  const rules =
    'on >secret resetkeys ~moved:* resetchannels &moved:* -@all +info +get +evalsha +eval +time +set +getrange'
  await root.call('ACL', 'SETUSER', 'poor', ...rules.split(' '), '+exists', '+del', '+pexpire', '+publish')
  const client = new Redis(redis.url.replace('//', '//poor:secret@'))
  const poor = redisStore(client, { prefix: 'moved:' })
  const [from, to, other, gone] = [newId(), newId(), newId(), newId()]
  const claim = { key: 'n', by: 'me', ms: 10 }
  await poor.write(from, change({ n: '1' }, { seen: 3 }))
  await poor.write(from, change({}, { expect: new Map([['n', '2']]), claim }))
  await poor.read(from, { seen: 5000, touch: 1000, ttl: 1000 })
  await poor.read(from, { seen: 0, touch: 1000, ttl: 1000 })
  const { seen } = { seen: Number((await root.get(`moved:{ab}${from.slice(2)}`))?.split(' ')[0]) }
  expect(await poor.move(from, to, how({ seen }))).toMatchObject({ kind: 'moved' })
  expect(await poor.move(from, other, how({ seen, age: LONG }))).toMatchObject({ kind: 'moved' })
  expect(await poor.move(from, newId(), how({ ...late, seen }))).toMatchObject({ kind: 'moved', began: true })
  expect(await poor.touch(to, 1000)).toEqual({ kind: 'touched' })
  expect(await poor.destroy(from, how())).toMatchObject({ kind: 'destroyed' })
  expect(await poor.destroy(gone, how())).toEqual({ kind: 'destroyed' })
  expect(await root.call('ACL', 'LOG')).toEqual([])
  for (const one of [client, root]) one.disconnect()
  await redis.stop()
})
