import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { asMap, change, conflict, expecting, found, holds, how, moved, read, write, written } from '../steps.ts'

/** Keys are well-formed Unicode, and nothing else is known of them. */
const KEYS = [
  ...['', ' ', '  ', 'v', 'x', 'n', ':', '::', ':v', 'id', '_id', 'version', 'expires', 'ttl', 'data'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'then', 'toJSON'],
  ...['0', '-1', '1e3', 'null', 'undefined', 'true', 'a.b', 'a[0]', '$set', '$', '.', '/', '..'],
  ...['\\', '%', '_', '*', '?', '{a}', '[a]', '<a>', '&amp;', "'", '"', '`', "'; DROP TABLE sessions; --"],
  ...['\n', '\r\n', '\t', '\0', 'a\0b', '\u007f', '\u2028', '\u202e', '\ufffd', '\ufeff', '\uffff'],
  // Alike for people, for a database's collation, or for Unicode normalisation, and still different keys.
  ...['key', 'KEY', 'Key', 'key ', ' key', 'é', 'e\u0301', 'K', '\u212a', 'ß', 'ss', 'ı', 'i', 'I', 'İ'],
  ...['🐚', '👩‍👩‍👧', '\u{10ffff}', 'k'.repeat(20_000), '貝'.repeat(2000)],
]

/** JSON texts, which have to come back character for character: an expectation compares them. */
const TEXTS = [
  ...['null', 'true', 'false', '""', '0', '-0', '1', '1.0', '1e3', '1e400', '12345678901234567890', '0.1'],
  ...['[]', '{}', '[1,2]', '[1, 2]', '{"b":1,"a":2}', '{"a":2,"b":1}', '{"__proto__":{"x":1}}'],
  ...['" "', '"null"', '"\\""', '"\\\\"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"a\\u0000b"'],
  ...['"\\n\\r\\t"', '"🐚"', '"é"', '"e\u0301"', '"\u2028"', '"\ufeff"'],
  ...[`"${'貝'.repeat(10_000)}"`, `"${'x'.repeat(1024 * 1024)}"`],
]

const keyed = new Map(KEYS.map((key, i) => [key, String(i)]))

export const hostile = [
  storeCase('hostile: keys of every kind are kept apart', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, keyed)
    await holds(b, session, keyed)
    await write(b, session, new Map(KEYS.map((key, i) => [key, `"${i}"`])))
    await holds(a, session, new Map(KEYS.map((key, i) => [key, `"${i}"`])))
  }),

  storeCase('hostile: a key of any kind is deleted alone', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, keyed)
    const left = new Map(keyed)
    for (const [i, key] of KEYS.entries()) {
      left.delete(key)
      await write(i % 2 ? a : b, session, {}, { delete: [key] })
      if (i % 10 === 0) await holds(i % 2 ? b : a, session, left)
    }
    await holds(a, session, {})
  }),

  storeCase('hostile: an expectation about a key of any kind means that key', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { other: '1' })
    for (const [key, text] of keyed) {
      written(await a.write(session, change(new Map([[key, text]]), expecting(key, undefined))))
      assert.equal(conflict(await b.write(session, change({}, expecting(key, undefined)))), text)
      written(await b.write(session, change({}, { delete: [key], ...expecting(key, text) })))
    }
    await holds(a, session, { other: '1' })
  }),

  storeCase('hostile: keys of every kind move to a new id', async ({ a, b, id, successor }) => {
    const session = id()
    const next = successor(session)
    await write(a, session, keyed)
    moved(await b.move(session, next, how()))
    await holds(a, next, keyed)
  }),

  storeCase('hostile: texts come back character for character', async ({ a, b, id }) => {
    const session = id()
    const texts = new Map(TEXTS.map((text, i) => [String(i), text]))
    await write(a, session, texts)
    await holds(b, session, texts)
  }),

  storeCase('hostile: ten thousand keys in one change', async ({ a, b, id }) => {
    const session = id()
    const many = asMap(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key ${i}`, String(i)])))
    await write(a, session, many)
    assert.equal(found(await read(b, session)).entries.size, 10_000)
    const all = [...many.keys()]
    await write(b, session, { last: '1' }, { delete: all })
    await holds(a, session, { last: '1' })
  }),
]
