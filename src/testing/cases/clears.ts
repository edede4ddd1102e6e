import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { absent, change, holds, read, tooLarge, write, written } from '../steps.ts'

export const clears = [
  storeCase('clear: all keys go but for those that are set, in one step', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: '1', m: '[1,2]', 'a "quoted" key': '"x"' })
    await write(b, session, { m: '3', more: '4' }, { clear: true }).then((version) => assert.ok(version > 1))
    await holds(a, session, { m: '3', more: '4' })
    await write(a, session, {}, { clear: true })
    await holds(b, session, {})
    await write(b, session, { n: '5' })
    await holds(a, session, { n: '5' })
  }),

  storeCase('clear: where nothing is stored it makes nothing', async ({ a, b, id }) => {
    const session = id()
    assert.deepEqual(await a.write(session, change({}, { clear: true })), { kind: 'written', version: 0, behind: 0 })
    await absent(b, session)
  }),

  storeCase('clear: what goes does not count', async ({ a, id }) => {
    const session = id()
    await write(a, session, { n: `"${'x'.repeat(40)}"` }, { maxBytes: 50 })
    const other = { other: `"${'y'.repeat(30)}"` }
    tooLarge(await a.write(session, change(other, { maxBytes: 50 })))
    written(await a.write(session, change(other, { maxBytes: 50, clear: true })))
    await holds(a, session, other)
  }),

  storeCase('stored: a write that wants something there makes nothing', async ({ a, b, id }) => {
    const [session, other] = [id(), id()]
    const wanting = change({ n: '2' }, { ifStored: true })
    assert.equal((await a.write(session, wanting)).kind, 'absent')
    assert.equal((await read(b, session)).kind, 'absent')
    await write(a, other, { m: '1' })
    written(await b.write(other, wanting))
    await holds(a, other, { m: '1', n: '2' })
  }),
]
