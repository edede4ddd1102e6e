import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { absent, change, conflict, holds, write, written } from '../steps.ts'

/** None of them is another, whatever a database's types and collations say. */
const ALIKE = [
  ...['""', '" "', 'null', '"null"', 'false', '0', '"0"', '-0', '1', '1.0', '"1"', '1e0', '[]', '{}'],
  ...['"a"', '"A"', '"a "', '"á"', '"a\u0301"', '"\u212b"', '"\u00c5"', '"ss"', '"ß"', '"🐚"', '"\\ud83d\\udc1a"'],
]

export const expectations = [
  storeCase('expectations: absent holds for a new session and for a missing key', async ({ a, b, id }) => {
    const session = id()
    const isAbsent = { key: 'n', text: undefined }
    assert.equal(written(await a.write(session, change({ n: '1' }, { expect: isAbsent }))), 1)
    written(await b.write(session, change({ more: '2' }, { expect: { key: 'other', text: undefined } })))
    await holds(a, session, { n: '1', more: '2' })
  }),

  storeCase('expectations: a key that should be absent and is not stops the write', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: 'null' })
    assert.equal(
      conflict(await b.write(session, change({ n: '2' }, { expect: { key: 'n', text: undefined } }))),
      'null',
    )
    await holds(a, session, { n: 'null' }, 1)
  }),

  storeCase('expectations: the right text lets the write through, another one stops it', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: '1' })
    const version = written(await b.write(session, change({ n: '2' }, { expect: { key: 'n', text: '1' } })))
    assert.equal(conflict(await a.write(session, change({ n: '3' }, { expect: { key: 'n', text: '1' } }))), '2')
    await holds(a, session, { n: '2' }, version)
  }),

  storeCase('expectations: a text that should be there and is not stops the write', async ({ a, b, id }) => {
    const session = id()
    const expect = { key: 'n', text: '1' }
    assert.equal(conflict(await a.write(session, change({ n: '2' }, { expect }))), undefined)
    await absent(b, session)
    await write(a, session, { other: '1' })
    assert.equal(conflict(await b.write(session, change({ n: '2' }, { expect }))), undefined)
    await holds(a, session, { other: '1' }, 1)
  }),

  storeCase('expectations: a stopped write does nothing of its change', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: '1', gone: '2' })
    const refused = change({ n: '5', more: '6', __proto: '7' }, { delete: ['gone'], expect: { key: 'n', text: '4' } })
    assert.equal(conflict(await b.write(session, refused)), '1')
    await holds(a, session, { n: '1', gone: '2' }, 1)
  }),

  storeCase('expectations: they may speak of a key that the change leaves alone', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { guard: '"open"' })
    const expect = { key: 'guard', text: '"open"' }
    written(await b.write(session, change({ n: '1' }, { expect })))
    written(await b.write(session, change({ guard: '"shut"' }, { expect })))
    assert.equal(conflict(await a.write(session, change({ n: '2' }, { expect }))), '"shut"')
    await holds(b, session, { guard: '"shut"', n: '1' })
  }),

  storeCase('expectations: texts are compared character for character', async ({ a, b, id }) => {
    const session = id()
    for (const text of ALIKE) {
      await write(a, session, { n: text })
      for (const other of ALIKE) {
        const result = await b.write(session, change({ n: '"wrong"' }, { expect: { key: 'n', text: other } }))
        if (other !== text) assert.equal(conflict(result), text, `${other} was taken for ${text}`)
        else written(result)
        if (other === text) await write(a, session, { n: text })
      }
    }
  }),
]
