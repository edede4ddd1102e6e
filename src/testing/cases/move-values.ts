import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { absent, holds, how, isEnded, moved, write } from '../steps.ts'

const values = new Map([
  ['user', '"ada"'],
  ['cart', '[1]'],
])

export const moveValues = [
  storeCase('moves: values are written under the new id in the same step', async ({ a, b, id, successor }) => {
    const session = id()
    const next = successor(session)
    const before = await write(a, session, { cart: '[]', csrf: '"x"' })
    const version = moved(await b.move(session, next, how({ seen: before, set: values })))
    assert.ok(version > before)
    await holds(a, next, { cart: '[1]', csrf: '"x"', user: '"ada"' }, version, version)
    await isEnded(b, session, successor(session), 'moved')
  }),

  storeCase('moves: where nothing was stored they are all that the new session holds', async (bench) => {
    const { a, b, id, successor } = bench
    const session = id()
    const next = successor(session)
    const version = moved(await a.move(session, next, how({ set: values })))
    await holds(b, next, values, version, version)
  }),

  storeCase('moves: values that would make the session too large stop the move', async (bench) => {
    const { a, b, id, successor } = bench
    const session = id()
    const next = successor(session)
    await write(a, session, { cart: '[]', csrf: '"x"' })
    const result = await b.move(session, next, how({ set: values, maxBytes: 22 }))
    assert.deepEqual(result, { kind: 'too-large', bytes: 7 + 7 + 9 }, 'the bytes that the session would then hold')
    await absent(a, next)
    await holds(a, session, { cart: '[]', csrf: '"x"' }, 1)
    assert.equal((await a.move(id(), next, how({ set: values, maxBytes: 10 }))).kind, 'too-large')
    await absent(a, next)
    moved(await b.move(session, next, how({ set: values, maxBytes: 23 })))
  }),
]
