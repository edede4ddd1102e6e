import assert from 'node:assert/strict'
import type { Store } from '../../ports/store.ts'
import { type Bench, storeCase } from '../bench.ts'
import { absent, found, holds, how, LONG, moved, read, retired, write } from '../steps.ts'

/** Milliseconds: too short to be noticed, long enough to be renewed in. */
const SHORT = 250
const DAY = 86_400_000

const isAbsent = (store: Store, id: string) => async () => (await read(store, id)).kind === 'absent'

/**
 * Gives a session a short life, renews it, and waits until another with the same short life, begun later, has ended. A machine that
 * was too slow to renew in time gets another try with a longer life.
 */
async function renewed(
  bench: Bench,
  renew: (id: string) => Promise<unknown>,
  begin: (store: Store, id: string, ttl: number) => Promise<unknown> = beginWithData,
): Promise<string> {
  const { a, b, id, now, until } = bench
  for (let life = SHORT; ; life *= 2) {
    const [session, control] = [id(), id()]
    const started = now()
    await begin(a, session, life)
    await renew(session)
    const inTime = now() - started < life
    await write(a, control, { n: '1' }, { ttl: life })
    await until(`a session with ${life} ms to live is gone`, isAbsent(b, control))
    if (inTime || life > 4 * SHORT) return session
  }
}

const beginWithData = (store: Store, id: string, ttl: number) => write(store, id, { n: '1' }, { ttl })
const beginDestroyed = (store: Store, id: string, ttl: number) => store.destroy(id, how({ ttl }))

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
    const session = await renewed(bench, (id) => read(b, id, { renew: LONG, ttl: 1 }))
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
    retired(await read(a, session), 'the old id, within the life that the move gave it,')
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
    retired(await read(b, one), 'the old id, whose tombstone has a longer life,')
    await holds(b, stays, { n: '1' })
  }),

  storeCase('lifetimes: a tombstone is forgotten after its time', async ({ a, b, id, until }) => {
    const session = id()
    await write(a, session, { n: '1' })
    await a.destroy(session, how({ ttl: SHORT }))
    await until(`a tombstone with ${SHORT} ms to live is gone`, isAbsent(b, session))
  }),

  storeCase('lifetimes: a tombstone lives for its own time, not for what the data had left', async (bench) => {
    const { a, b } = bench
    const session = await renewed(bench, (id) => b.destroy(id, how()))
    retired(await read(a, session))
  }),

  storeCase('lifetimes: a touch renews a tombstone', async (bench) => {
    const { a, b } = bench
    const session = await renewed(bench, (id) => b.touch(id, LONG), beginDestroyed)
    retired(await read(a, session))
  }),

  storeCase('lifetimes: a month and ten years are not too long', async ({ a, b, id, successor }) => {
    // More milliseconds than a 32-bit number, with or without a sign, and than a timer can hold.
    for (const ttl of [30 * DAY, 3650 * DAY]) {
      const [session, gone] = [id(), id()]
      const next = successor(session)
      await write(a, session, { n: '1' }, { ttl })
      await holds(b, session, { n: '1' }, 1)
      await read(b, session, { renew: ttl })
      await b.touch(session, ttl)
      moved(await a.move(session, next, how({ ttl, tombstoneTtl: ttl })))
      await a.destroy(gone, how({ ttl }))
      await holds(b, next, { n: '1' })
      for (const one of [session, gone]) retired(await read(b, one))
      // Whoever runs the suite over a database of theirs does not want to keep these.
      for (const one of [next, session, gone]) await a.touch(one, SHORT)
    }
  }),
]
