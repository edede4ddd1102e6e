import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { absent, change, holds, how, moved, tooLarge, write, written } from '../steps.ts'

/** A JSON text of so many bytes. */
const text = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`

export const sizes = [
  storeCase('sizes: a change that would make the session too large is refused as a whole', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { a: text(40), b: text(40) }, { maxBytes: 100 })
    const refused = change({ c: text(60), d: '1' }, { delete: ['b'], maxBytes: 100 })
    assert.equal(tooLarge(await b.write(session, refused)), 41 + 61 + 2, 'the bytes that the session would then hold')
    await holds(a, session, { a: text(40), b: text(40) }, 1)
  }),

  storeCase('sizes: a first change that is too large makes no session', async ({ a, b, id }) => {
    const session = id()
    assert.equal(tooLarge(await a.write(session, change({ a: text(100) }, { maxBytes: 100 }))), 101)
    await absent(b, session)
  }),

  storeCase('sizes: up to the last byte, counted in UTF-8, keys and texts', async ({ a, b, id }) => {
    const session = id()
    const entries = { ключ: '"é"', 貝: '"🐚"' }
    assert.equal(tooLarge(await a.write(session, change(entries, { maxBytes: 20 }))), 21)
    written(await a.write(session, change(entries, { maxBytes: 21 })))
    await holds(b, session, entries, 1)
  }),

  storeCase('sizes: what is replaced or deleted no longer counts', async ({ a, b, id }) => {
    const session = id()
    const limit = { maxBytes: 100 }
    for (const store of [a, b, a, b]) {
      await write(store, session, { a: text(90) }, limit)
      await write(store, session, { a: text(9), b: text(80) }, limit)
      await write(store, session, { c: text(70) }, { ...limit, delete: ['b', 'nothing'] })
      await write(store, session, {}, { ...limit, delete: ['a', 'c'] })
    }
    assert.equal(tooLarge(await a.write(session, change({ a: text(100) }, limit))), 101)
  }),

  storeCase('sizes: a key that is deleted twice in one change counts once', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { a: text(50), b: text(30) })
    await write(b, session, {}, { delete: ['a', 'a', 'a', 'nothing', 'nothing'] })
    assert.equal(tooLarge(await a.write(session, change({ c: text(80) }, { maxBytes: 100 }))), 31 + 81)
    await write(b, session, { c: text(68) }, { maxBytes: 100 })
  }),

  storeCase('sizes: a session above its limit may shrink, and may not grow', async ({ a, b, id }) => {
    const session = id()
    const limit = { maxBytes: 50 }
    await write(a, session, { a: text(100), b: text(60), c: text(60) })
    await write(b, session, {}, { ...limit, delete: ['a'] })
    await write(b, session, { b: text(50) }, limit)
    tooLarge(await a.write(session, change({ d: '1' }, limit)))
    tooLarge(await a.write(session, change({ c: text(61) }, limit)))
    await holds(a, session, { b: text(50), c: text(60) })
  }),

  storeCase('sizes: the bytes are still known after a move and after a loss', async ({ a, b, id, successor }) => {
    const session = id()
    const next = successor(session)
    await write(a, session, { a: text(60) })
    const version = moved(await b.move(session, next, how({ seen: 9 })), 8)
    assert.equal(tooLarge(await a.write(next, change({ b: text(60) }, { maxBytes: 100 }))), 61 + 61)
    await write(b, next, { b: text(38) }, { maxBytes: 100, seen: version + 1000 }, 1000)
    assert.equal(
      tooLarge(await a.write(next, change({ c: '1' }, { maxBytes: 100, seen: version + 5000 }))),
      61 + 39 + 2,
    )
  }),
]
