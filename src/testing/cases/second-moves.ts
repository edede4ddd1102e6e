import assert from 'node:assert/strict'
import { MOVE_WINDOW } from '../../ports/store.ts'
import { type Bench, storeCase } from '../bench.ts'
import { absent, destroyed, holds, how, isEnded, LATER, met, moved, read, write } from '../steps.ts'

/** Milliseconds: the request began before everything in a case. */
const EARLY = { age: 3_600_000 }

/** A session that moved, and whose successor was written to. */
async function twice({ a, b, id, successor }: Bench, data: Record<string, string> = { cart: '[1]', csrf: '"x"' }) {
  const session = id()
  const next = successor(session)
  const seen = await write(a, session, data)
  moved(await a.move(session, next, how({ seen, set: new Map([['user', '"ada"']]) })))
  await write(b, next, { cart: '[2]' })
  return { session, next, seen, other: successor(session) }
}

export const secondMoves = [
  storeCase(
    'second moves: who began before a move takes along what moved, and nothing of what came later',
    async (bench) => {
      const { a, b, successor } = bench
      const { session, next, seen, other } = await twice(bench)
      const version = moved(await b.move(session, other, how({ ...EARLY, seen, set: new Map([['user', '"bob"']]) })))
      assert.ok(version > seen)
      await holds(a, other, { cart: '[1]', csrf: '"x"', user: '"bob"' }, version, version)
      await holds(b, next, { cart: '[2]', csrf: '"x"', user: '"ada"' })
      await write(a, other, { cart: '[3]' })
      const third = successor(session)
      moved(await a.move(session, third, how({ ...EARLY, seen })))
      await holds(b, third, { cart: '[1]', csrf: '"x"' })
      await isEnded(a, session, successor(session), 'moved')
    },
  ),

  storeCase('second moves: so does a request of a session that had stored nothing', async ({ a, b, id, successor }) => {
    const session = id()
    const [next, other] = [successor(session), successor(session)]
    const user = new Map([['user', '"ada"']])
    moved(await a.move(session, next, how({ set: user })))
    await write(a, next, { cart: '[2]' })
    moved(await b.move(session, other, how({ ...EARLY, set: user })))
    await holds(a, other, user)
    await holds(b, next, { user: '"ada"', cart: '[2]' })
  }),

  storeCase('second moves: the same one again does nothing', async (bench) => {
    const { a, b } = bench
    const { session, seen, other } = await twice(bench)
    const version = moved(await b.move(session, other, how({ ...EARLY, seen })))
    assert.equal(moved(await a.move(session, other, how({ ...EARLY, seen }))), version)
    const later = await write(a, other, { cart: '[3]' })
    assert.equal(moved(await b.move(session, other, how({ seen, age: LATER }))), later)
    await holds(b, other, { cart: '[3]', csrf: '"x"' }, later)
  }),

  storeCase('second moves: who began after the move gets nothing', async (bench) => {
    const { a, b, until } = bench
    const { session, seen, other } = await twice(bench)
    await until('the tombstone grows older', async () => met(await read(a, session)) >= 100)
    for (const age of [LATER, 0, 50]) met(await b.move(session, other, how({ age, seen })), 'a later move', 'moved')
    await absent(a, other)
  }),

  storeCase('second moves: nor does who has seen another version than the one that moved', async (bench) => {
    const { a, b } = bench
    const { session, seen, other } = await twice(bench)
    for (const wrong of [0, seen + 1, seen + 1000]) {
      met(
        await b.move(session, other, how({ ...EARLY, seen: wrong })),
        'a move by who has seen something else',
        'moved',
      )
    }
    await absent(a, other)
  }),

  storeCase(
    'second moves: nor does anybody once the moment is over',
    async (bench) => {
      const { a, b, setup, successor } = bench
      const { session, seen, other } = await twice(bench)
      await setup.advance?.(MOVE_WINDOW - 1)
      moved(await b.move(session, other, how({ ...EARLY, seen })))
      await setup.advance?.(2)
      const late = successor(session)
      met(await b.move(session, late, how({ ...EARLY, seen })), 'a move after the moment', 'moved')
      await absent(a, late)
    },
    'advance',
  ),

  storeCase('second moves: what was destroyed since is not taken along', async (bench) => {
    const { a, b, successor } = bench
    for (const through of ['the new id', 'the old id', 'a later id']) {
      const { session, next, seen, other } = await twice(bench)
      const last = successor(next)
      if (through === 'a later id') moved(await a.move(next, last, how()))
      const id = { 'the new id': next, 'the old id': session, 'a later id': last }[through] ?? ''
      destroyed(await a.destroy(id, how()), through === 'the old id' ? [next] : [])
      met(await b.move(session, other, how({ ...EARLY, seen })), `a move of what was destroyed through ${through}`)
      await absent(a, other)
    }
  }),

  storeCase('second moves: what is too large for one changes nothing', async (bench) => {
    const { a, b } = bench
    const { session, seen, other } = await twice(bench)
    const large = how({ ...EARLY, seen, set: new Map([['more', `"${'x'.repeat(100)}"`]]), maxBytes: 50 })
    assert.equal((await b.move(session, other, large)).kind, 'too-large')
    await absent(a, other)
    moved(await b.move(session, other, how({ ...EARLY, seen })))
    await holds(a, other, { cart: '[1]', csrf: '"x"' })
  }),
]
