import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { absent, holds, how, isEnded, LATER, met, moved, movedNothing, write } from '../steps.ts'

const values = new Map([['user', '"ada"']])

export const repeatedMoves = [
  storeCase('moves: the same move again does nothing, and answers with what it made', async (bench) => {
    const { a, b, id, successor } = bench
    const session = id()
    const next = successor(session)
    const seen = await write(a, session, { n: '1' })
    const version = moved(await a.move(session, next, how({ seen, set: values })))
    for (const store of [b, a])
      assert.equal(moved(await store.move(session, next, how({ seen, set: values }))), version)
    await holds(b, next, { n: '1', user: '"ada"' }, version)
    const later = await write(b, next, { user: '"bob"' }, { seen: version })
    // Long after, as far as the request can tell, and with less or more seen.
    for (const age of [LATER, 0, 60_000]) {
      assert.equal(moved(await a.move(session, next, how({ age, seen: age < 0 ? 0 : seen, set: values }))), later)
    }
    await holds(b, next, { n: '1', user: '"bob"' }, later)
  }),

  storeCase('moves: so does one of what was never stored', async ({ a, b, id, successor }) => {
    const [session, other] = [id(), id()]
    const [next, filled] = [successor(session), successor(other)]
    for (const store of [a, b]) movedNothing(await store.move(session, next, how({ age: LATER })))
    await absent(b, next)
    const version = moved(await a.move(other, filled, how({ set: values })))
    assert.equal(moved(await b.move(other, filled, how({ set: values }))), version)
    await holds(b, filled, values, version)
  }),

  storeCase('moves: the same move again tells a loss again', async ({ a, b, id, successor }) => {
    const session = id()
    const next = successor(session)
    await write(a, session, { n: '1' })
    const version = moved(await a.move(session, next, how({ seen: 9 })), 8)
    const again = await b.move(session, next, how({ seen: 9 }))
    assert.equal(again.kind === 'moved' ? again.version : again.kind, version)
  }),

  storeCase('moves: the same move again, of what ended since, meets that tombstone', async (bench) => {
    const { a, b, id, successor } = bench
    const session = id()
    const [next, last] = [successor(session), successor(session)]
    const seen = await write(a, session, { n: '1' })
    moved(await a.move(session, next, how({ seen })))
    moved(await a.move(next, last, how({ seen })))
    met(
      await b.move(session, next, how({ seen, age: 60_000 })),
      'a move that was done, and whose session moved on,',
      'moved',
    )
    await b.destroy(last, how())
    met(await b.move(next, last, how({ seen, age: 60_000 })), 'a move whose session ended since', 'destroyed')
    await isEnded(a, last, successor(session), 'destroyed')
  }),
]
