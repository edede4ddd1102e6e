import assert from 'node:assert/strict'
import type { Store } from '../../ports/store.ts'
import { type Bench, storeCase } from '../bench.ts'
import { absent, found, holds, how, LONG, met, moved, read, write } from '../steps.ts'

/** Milliseconds: too short to be noticed, long enough to be renewed in. */
const SHORT = 250
const DAY = 86_400_000

const isAbsent = (store: Store, id: string) => async () => (await read(store, id)).kind === 'absent'

/**
 * Gives a session a short life, renews it, and waits until another with the same short life, begun later, has ended. A
 * machine that was too slow to renew in time gets another try with a longer life.
 */
async function renewed(bench: Bench, renew: (id: string) => Promise<unknown>): Promise<string> {
  const { a, b, id, now, until } = bench
  for (let life = SHORT; ; life *= 2) {
    const [session, control] = [id(), id()]
    const started = now()
    await write(a, session, { n: '1' }, { ttl: life })
    await renew(session)
    const inTime = now() - started < life
    await write(a, control, { n: '1' }, { ttl: life })
    await until(`a session with ${life} ms to live is gone`, isAbsent(b, control))
    if (inTime || life > 4 * SHORT) return session
  }
}

export const lifetimes = [
  storeCase('lifetimes: data is forgotten after its time, and reading does not prevent that', async (bench) => {
    const { a, b, id, until } = bench
    const session = id()
    await write(a, session, { n: '1' }, { ttl: SHORT })
    await until(`a session with ${SHORT} ms to live is gone`, isAbsent(b, session))
    assert.deepEqual(await a.touch(session, LONG), { kind: 'absent' })
    await absent(a, session)
    assert.equal(await write(b, session, { more: '2' }), 1)
    await holds(a, session, { more: '2' }, 1)
  }),

  storeCase('lifetimes: what a client has seen and the store has forgotten is a loss', async ({ a, b, id, until }) => {
    const session = id()
    const seen = await write(a, session, { n: '1' }, { ttl: SHORT })
    await until(`a session with ${SHORT} ms to live is gone`, isAbsent(b, session))
    const lost = found(await read(a, session, { seen }))
    assert.equal(lost.behind, seen)
    assert.ok(lost.version > seen)
    assert.deepEqual(lost.entries, new Map())
  }),

  storeCase('lifetimes: a write renews all of the session', async (bench) => {
    const { a, b } = bench
    const session = await renewed(bench, (id) => write(b, id, { more: '2' }, { ttl: LONG }))
    await holds(a, session, { n: '1', more: '2' })
  }),

  storeCase('lifetimes: a read renews when it is told to', async (bench) => {
    const { a, b } = bench
    const session = await renewed(bench, (id) => read(b, id, { touch: LONG, ttl: 1 }))
    await holds(a, session, { n: '1' }, 1)
  }),

  storeCase('lifetimes: a touch renews', async (bench) => {
    const { a, b } = bench
    const session = await renewed(bench, (id) => b.touch(id, LONG))
    await holds(a, session, { n: '1' }, 1)
  }),

  storeCase('lifetimes: a read that finds the store behind renews', async (bench) => {
    const { a, b } = bench
    const session = await renewed(bench, (id) => read(b, id, { seen: 5, ttl: LONG }))
    assert.deepEqual(found(await read(a, session)).entries, new Map([['n', '1']]))
  }),

  storeCase('lifetimes: what a read makes of a lost session is forgotten too', async ({ a, b, id, until }) => {
    const session = id()
    found(await read(a, session, { seen: 5, ttl: SHORT }))
    await until(`a lost session with ${SHORT} ms to live is gone`, isAbsent(b, session))
  }),

  storeCase('lifetimes: a move renews the data', async (bench) => {
    const { a, b, successor } = bench
    const moves = new Map<string, string>()
    const session = await renewed(bench, async (id) => {
      moves.set(id, successor(id))
      moved(await b.move(id, moves.get(id) ?? '', how()))
    })
    await holds(a, moves.get(session) ?? '', { n: '1' })
    met(await read(a, session), 'the old id, within the life that the move gave it,')
  }),

  storeCase('lifetimes: moved data and its tombstone are forgotten, each after its own time', async (bench) => {
    const { a, b, id, successor, until } = bench
    const [one, other] = [id(), id()]
    const [next, stays] = [successor(one), successor(other)]
    for (const session of [one, other]) await write(a, session, { n: '1' })
    moved(await a.move(one, next, how({ ttl: SHORT })))
    moved(await a.move(other, stays, how({ tombstoneTtl: SHORT })))
    await until('the moved data is gone', isAbsent(b, next))
    await until('the tombstone is gone', isAbsent(b, other))
    met(await read(b, one), 'the old id, whose tombstone has a longer life,')
    await holds(b, stays, { n: '1' })
  }),

  storeCase('lifetimes: a tombstone is forgotten after its time', async ({ a, b, id, until }) => {
    const session = id()
    await write(a, session, { n: '1' })
    await a.destroy(session, how({ tombstoneTtl: SHORT }))
    await until(`a tombstone with ${SHORT} ms to live is gone`, isAbsent(b, session))
  }),

  storeCase('lifetimes: a tombstone lives for its own time, not for what the data had left', async (bench) => {
    const { a, b } = bench
    const session = await renewed(bench, (id) => b.destroy(id, how()))
    met(await read(a, session))
  }),

  storeCase('lifetimes: a touch neither shortens nor lengthens that of a tombstone', async (bench) => {
    const { a, b, id, successor, until } = bench
    const [short, long, moving] = [id(), id(), id()]
    for (const session of [short, long, moving]) await write(a, session, { n: '1' })
    await a.destroy(short, how({ tombstoneTtl: SHORT }))
    await a.destroy(long, how())
    moved(await a.move(moving, successor(moving), how()))
    for (const session of [short, long, moving]) {
      met(await b.touch(session, session === short ? LONG : 1))
      met(await b.read(session, { seen: 0, touch: session === short ? LONG : 1, ttl: 1 }))
    }
    await until(`a tombstone with ${SHORT} ms to live is gone`, isAbsent(b, short))
    for (const session of [long, moving]) met(await read(b, session), 'a tombstone that was touched')
  }),

  storeCase('lifetimes: `lifetime` is kept, returned, and handed on by a move', async ({ a, b, id, successor }) => {
    const session = id()
    const is = async (one: string, expected: number | undefined, seen = 0) => {
      const result = await read(b, one, { seen })
      assert.equal(result.kind === 'found' ? result.lifetime : result.kind, expected, 'the lifetime that a write gave')
    }
    await write(a, session, { n: '1' })
    await is(session, undefined)
    await write(a, session, { n: '2' }, { lifetime: 5 * DAY })
    await write(a, session, { n: '3' }, { delete: ['more'] })
    await read(a, session, { touch: LONG })
    await is(session, 5 * DAY)
    await is(session, 5 * DAY, 9)
    const [next, last] = [successor(session), successor(session)]
    moved(await a.move(session, next, how()))
    await is(next, 5 * DAY)
    moved(await a.move(next, last, how({ lifetime: 3 * DAY })))
    await is(last, 3 * DAY)
    await write(b, last, {}, { lifetime: 1 })
    await is(last, 1)
  }),

  storeCase('lifetimes: a month and ten years are not too long', async ({ a, b, id, successor }) => {
    // More milliseconds than a 32-bit number, with or without a sign, and than a timer can hold.
    for (const ttl of [30 * DAY, 3650 * DAY]) {
      const session = id()
      const next = successor(session)
      await write(a, session, { n: '1' }, { ttl })
      await holds(b, session, { n: '1' }, 1)
      await read(b, session, { touch: ttl })
      await b.touch(session, ttl)
      moved(await a.move(session, next, how({ ttl })))
      await holds(b, next, { n: '1' })
      // Whoever runs the suite over a database of theirs does not want to keep it.
      await a.touch(next, SHORT)
    }
  }),
]
