import assert from 'node:assert/strict'
import { MOVE_WINDOW } from '../../ports/store.ts'
import { type Bench, storeCase } from '../bench.ts'
import {
  absent,
  destroyed,
  found,
  holds,
  how,
  isEnded,
  LATER,
  LONG,
  met,
  moved,
  movedNothing,
  read,
  write,
} from '../steps.ts'

/** The request began after everything in a case, and is a login. */
const LATE = { age: LATER, begins: { ttl: LONG } }
const EARLY = { age: 3_600_000, begins: { ttl: LONG } }
const user = new Map([['user', '"bob"']])

/** A session that moved, and whose successor was written to. */
async function gone({ a, b, id, successor }: Bench) {
  const session = id()
  const next = successor(session)
  const seen = await write(a, session, { cart: '[1]' }, { lifetime: 30_000 })
  moved(await a.move(session, next, how({ seen, set: new Map([['user', '"ada"']]) })))
  await write(b, next, { cart: '[2]' })
  return { session, next, seen, other: successor(session) }
}

export const lateMoves = [
  storeCase('late moves: who may take nothing along begins with what is set, and nothing else', async (bench) => {
    const { a, b, successor } = bench
    const { session, next, seen, other } = await gone(bench)
    const result = await b.move(session, other, how({ ...LATE, seen, lifetime: 20_000, set: user }))
    const version = moved(result)
    assert.equal(result.kind === 'moved' && result.began, true, 'whoever begins anew is told so')
    assert.ok(version > seen, `version ${version} of what began when ${seen} had been seen`)
    const kept = await read(a, other, { seen: version })
    assert.deepEqual(found(kept), { version, behind: 0, entries: user })
    assert.equal(kept.kind === 'found' && kept.lifetime, undefined, 'nor does it take along a lifetime')
    const third = successor(session)
    moved(await a.move(session, third, how({ ...EARLY, seen: seen + 1, set: user })))
    await holds(b, third, user)
    await holds(a, next, { cart: '[2]', user: '"ada"' })
    await isEnded(b, session, successor(session), 'moved', seen)
  }),

  storeCase('late moves: who may take something along still does', async (bench) => {
    const { a, b } = bench
    const { session, seen, other } = await gone(bench)
    const result = await b.move(session, other, how({ ...EARLY, seen, set: user }))
    moved(result)
    assert.ok(!('began' in result && result.began), 'what goes on has not begun')
    await holds(a, other, { cart: '[1]', user: '"bob"' })
  }),

  storeCase('late moves: the same one again does nothing, and answers with what it made', async (bench) => {
    const { a, b } = bench
    for (const set of [user, new Map()]) {
      const { session, seen, other } = await gone(bench)
      const version = moved(await b.move(session, other, how({ ...LATE, seen, set })))
      for (const again of [LATE, { age: LATER }, EARLY]) {
        assert.equal(moved(await a.move(session, other, how({ ...again, seen, set }))), version)
      }
      await holds(b, other, set, version, seen)
      const later = await write(a, other, { cart: '[3]' }, { seen: version })
      assert.equal(moved(await b.move(session, other, how({ age: 60_000, seen }))), later)
    }
  }),

  storeCase('late moves: a logout with any of the ids ends all of them', async (bench) => {
    const { a, b } = bench
    for (const through of ['session', 'next', 'other', 'written'] as const) {
      const { session, next, seen, other } = await gone(bench)
      const set = through === 'written' ? new Map() : user
      const version = moved(await b.move(session, other, how({ ...LATE, seen, set })))
      if (through === 'written') await write(b, other, { cart: '[3]' }, { seen: version })
      const id = { session, next, other, written: other }[through]
      destroyed(
        await a.destroy(id, how()),
        [next, other].filter((one) => one !== id),
      )
      for (const one of [next, other]) await isEnded(b, one, bench.successor(session), 'destroyed')
    }
  }),

  storeCase('late moves: through several moves in a short time, from the last to the first and back', async (bench) => {
    const { a, b, successor } = bench
    for (const through of ['later', 'beside', 'next'] as const) {
      const { session, next, seen, other: beside } = await gone(bench)
      const [last, later] = [successor(session), successor(session)]
      moved(await b.move(session, beside, how({ ...LATE, seen, set: user })))
      moved(await a.move(next, last, how()))
      moved(await b.move(next, later, how({ ...LATE, seen: 1, set: user })))
      const id = { later, beside, next }[through]
      const living = [beside, last, later]
      destroyed(
        await a.destroy(id, how()),
        living.filter((one) => one !== id),
      )
      for (const one of living) await isEnded(b, one, successor(session), 'destroyed')
    }
  }),

  storeCase(
    'late moves: each move has its own moment',
    async (bench) => {
      const { a, b, setup, successor } = bench
      const { session, next, other: last } = await gone(bench)
      const twin = successor(session)
      await setup.advance?.(MOVE_WINDOW * 0.8)
      moved(await a.move(next, last, how()))
      moved(await b.move(next, twin, how({ ...LATE, seen: 1, set: user })))
      await setup.advance?.(MOVE_WINDOW * 0.4)
      destroyed(await b.destroy(twin, how()), [last])
      await isEnded(a, last, successor(session), 'destroyed')
      const one = await gone(bench)
      moved(await b.move(one.session, one.other, how({ ...LATE, seen: one.seen, set: user })))
      await setup.advance?.(MOVE_WINDOW + 1)
      destroyed(await a.destroy(one.other, how()))
      await holds(b, one.next, { cart: '[2]', user: '"ada"' })
    },
    'advance',
  ),

  storeCase(
    'late moves: once the moment is over nothing begins',
    async (bench) => {
      const { a, b, setup, successor } = bench
      const { session, seen, other } = await gone(bench)
      await setup.advance?.(MOVE_WINDOW - 1)
      moved(await b.move(session, other, how({ ...LATE, seen, set: user })))
      await setup.advance?.(2)
      const late = successor(session)
      for (const age of [LATER, EARLY.age]) {
        met(await b.move(session, late, how({ ...LATE, age, seen, set: user })), 'a move after the moment', 'moved')
      }
      await absent(a, late)
    },
    'advance',
  ),

  storeCase('late moves: where somebody has logged out since, nothing begins either', async (bench) => {
    const { a, b, successor } = bench
    for (const through of ['session', 'next'] as const) {
      const { session, next, seen, other } = await gone(bench)
      destroyed(await a.destroy({ session, next }[through], how()), through === 'session' ? [next] : [])
      const third = successor(session)
      const late = await b.move(session, other, how({ ...LATE, seen, set: user }))
      // By its age a login that was under way is told from one that came after the logout.
      met(late, 'a late move of what was destroyed', 'destroyed')
      met(await b.move(session, third, how({ ...LATE, seen: seen + 1 })), 'another one', 'destroyed')
      await absent(a, other)
    }
  }),

  storeCase('late moves: what begins has a time of its own', async (bench) => {
    const { a, b, until } = bench
    const [brief, long] = [await gone(bench), await gone(bench)]
    moved(await b.move(brief.session, brief.other, how({ ...LATE, seen: brief.seen, set: user, begins: { ttl: 250 } })))
    moved(await b.move(long.session, long.other, how({ ...LATE, seen: long.seen, set: user, ttl: 1 })))
    const isGone = async () => (await read(a, brief.other)).kind === 'absent'
    await until('a session that began with 250 ms to live is gone', isGone)
    await holds(a, long.other, user)
  }),

  storeCase('late moves: what is too large changes nothing', async (bench) => {
    const { a, b } = bench
    const { session, seen, other } = await gone(bench)
    const result = await b.move(session, other, how({ ...LATE, seen, set: user, maxBytes: 8 }))
    assert.deepEqual(result, { kind: 'too-large', bytes: 9 }, 'the bytes that the session would then hold')
    await absent(a, other)
    destroyed(await a.destroy(other, how()))
    await holds(a, (await gone(bench)).next, { cart: '[2]', user: '"ada"' })
  }),

  storeCase('late moves: what had stored nothing is found from its twin when it has', async (bench) => {
    const { a, b, id, successor } = bench
    for (const late of [LATE, EARLY]) {
      const session = id()
      const [next, other, last] = [successor(session), successor(session), successor(session)]
      movedNothing(await a.move(session, next, how(EARLY)))
      movedNothing(await b.move(session, other, how(late)))
      for (const one of [next, other]) {
        await absent(a, one)
        assert.equal((await b.touch(one, LONG)).kind, 'absent')
      }
      movedNothing(await a.move(other, last, how(EARLY)))
      await write(b, next, { n: '1' })
      await write(a, last, { n: '2' })
      destroyed(await b.destroy(last, how()), [next])
      await isEnded(a, next, successor(session), 'destroyed')
    }
  }),
]
