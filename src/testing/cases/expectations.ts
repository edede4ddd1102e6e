import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { absent, change, conflict, conflicts, expecting, holds, write, written } from '../steps.ts'

/** None of them is another, whatever a database's types and collations say. */
const ALIKE = [
  ...['""', '" "', 'null', '"null"', 'false', '0', '"0"', '-0', '1', '1.0', '"1"', '1e0', '[]', '{}'],
  ...['"a"', '"A"', '"a "', '"á"', '"a\u0301"', '"\u212b"', '"\u00c5"', '"ss"', '"ß"', '"🐚"', '"\\ud83d\\udc1a"'],
]

export const expectations = [
  storeCase('expectations: absent holds for a new session and for a missing key', async ({ a, b, id }) => {
    const session = id()
    const isAbsent = expecting('n', undefined)
    assert.equal(written(await a.write(session, change({ n: '1' }, isAbsent))), 1)
    written(await b.write(session, change({ more: '2' }, expecting('other', undefined))))
    await holds(a, session, { n: '1', more: '2' })
  }),

  storeCase('expectations: a key that should be absent and is not stops the write', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: 'null' })
    assert.equal(conflict(await b.write(session, change({ n: '2' }, expecting('n', undefined)))), 'null')
    await holds(a, session, { n: 'null' }, 1)
  }),

  storeCase('expectations: the right text lets the write through, another one stops it', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: '1' })
    const version = written(await b.write(session, change({ n: '2' }, expecting('n', '1'))))
    assert.equal(conflict(await a.write(session, change({ n: '3' }, expecting('n', '1')))), '2')
    await holds(a, session, { n: '2' }, version)
  }),

  storeCase('expectations: a text that should be there and is not stops the write', async ({ a, b, id }) => {
    const session = id()
    const isThere = expecting('n', '1')
    assert.equal(conflict(await a.write(session, change({ n: '2' }, isThere))), undefined)
    await absent(b, session)
    await write(a, session, { other: '1' })
    assert.equal(conflict(await b.write(session, change({ n: '2' }, isThere))), undefined)
    await holds(a, session, { other: '1' }, 1)
  }),

  storeCase('expectations: a stopped write does nothing of its change', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: '1', gone: '2' })
    const refused = change({ n: '5', more: '6', __proto: '7' }, { delete: ['gone'], ...expecting('n', '4') })
    assert.equal(conflict(await b.write(session, refused)), '1')
    await holds(a, session, { n: '1', gone: '2' }, 1)
  }),

  storeCase('expectations: they may speak of a key that the change leaves alone', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { guard: '"open"' })
    const isThere = expecting('guard', '"open"')
    written(await b.write(session, change({ n: '1' }, isThere)))
    written(await b.write(session, change({ guard: '"shut"' }, isThere)))
    assert.equal(conflict(await a.write(session, change({ n: '2' }, isThere))), '"shut"')
    await holds(b, session, { guard: '"shut"', n: '1' })
  }),

  storeCase('expectations: of several all must hold, and a conflict shows what stands in each key', async (bench) => {
    const { a, b, id } = bench
    const session = id()
    await write(a, session, { left: '1', right: '2' })
    const both = (left: string | undefined, right: string | undefined, none?: string) =>
      new Map([
        ['left', left],
        ['right', right],
        ['none', none],
      ])
    for (const expect of [both('1', '3'), both('0', '2'), both('1', undefined), both('1', '2', 'null')]) {
      const result = await b.write(session, change({ right: '4' }, { expect }))
      assert.deepEqual(conflicts(result), both('1', '2'), 'what stands in each key that was spoken of')
    }
    written(await b.write(session, change({ left: '5', right: '6' }, { expect: both('1', '2') })))
    assert.deepEqual(conflicts(await a.write(id(), change({}, { expect: both('1', '2') }))), both(undefined, undefined))
    await holds(a, session, { left: '5', right: '6' })
  }),

  storeCase('expectations: texts are compared character for character', async ({ a, b, id }) => {
    const session = id()
    for (const text of ALIKE) {
      await write(a, session, { n: text })
      for (const other of ALIKE) {
        const result = await b.write(session, change({ n: '"wrong"' }, expecting('n', other)))
        if (other !== text) assert.equal(conflict(result), text, `${other} was taken for ${text}`)
        else written(result)
        if (other === text) await write(a, session, { n: text })
      }
    }
  }),
]
