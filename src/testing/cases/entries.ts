import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { absent, change, found, holds, how, LONG, moved, read, write } from '../steps.ts'

export const entries = [
  storeCase('entries: an unknown id is absent, and asking does not make it', async ({ a, b, id }) => {
    const unknown = id()
    await absent(a, unknown)
    assert.deepEqual(await a.touch(unknown, LONG), { kind: 'absent' })
    assert.equal((await read(a, unknown, { touch: LONG })).kind, 'absent')
    await absent(b, unknown)
  }),

  storeCase('entries: the first write makes version 1, and both backends can read it at once', async ({ a, b, id }) => {
    const session = id()
    assert.equal(await write(a, session, { cart: '["net"]', user: '"ada"' }), 1)
    await holds(b, session, { cart: '["net"]', user: '"ada"' }, 1)
    await holds(a, session, { cart: '["net"]', user: '"ada"' }, 1)
  }),

  storeCase('entries: every write raises the version, even one that changes nothing', async ({ a, b, id }) => {
    const session = id()
    let before = 0
    for (const store of [a, b, a, a, b, b]) {
      const version = await write(store, session, { n: '1' })
      assert.ok(version > before, `version ${version} was given after ${before}`)
      before = version
    }
    const deleting = await write(a, session, {}, { delete: ['never there'] })
    assert.ok(deleting > before, 'deleting an absent key is a write too')
    await holds(b, session, { n: '1' }, deleting)
  }),

  storeCase('entries: reading and renewing leave the version alone', async ({ a, b, id }) => {
    const session = id()
    const version = await write(a, session, { n: '1' })
    assert.equal(found(await read(b, session, { touch: LONG })).version, version)
    assert.deepEqual(await b.touch(session, LONG), { kind: 'touched' })
    await holds(a, session, { n: '1' }, version)
  }),

  storeCase('entries: what has been answered is what everybody reads from then on', async ({ a, b, id }) => {
    const session = id()
    for (const [i, store] of [a, b, b, a].entries()) {
      const version = await write(store, session, { n: String(i) })
      for (const reader of [a, b, a, b]) await holds(reader, session, { n: String(i) }, version)
    }
  }),

  storeCase('entries: one change sets and deletes several keys and leaves the others', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { keep: '1', replace: '2', remove: '3', too: '4' })
    const version = await write(b, session, { replace: '"new"', add: '5' }, { delete: ['remove', 'too', 'nothing'] })
    await holds(a, session, { keep: '1', replace: '"new"', add: '5' }, version)
  }),

  storeCase('entries: a session whose last key is gone is empty, not absent', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { only: '1' })
    const version = await write(b, session, {}, { delete: ['only'] })
    await holds(a, session, {}, version)
    await write(a, session, { only: '2' })
    await holds(b, session, { only: '2' })
  }),

  storeCase(
    'entries: removing keys where nothing is stored makes nothing, unless something was lost',
    async (bench) => {
      const { a, b, id } = bench
      const [session, lost] = [id(), id()]
      for (const gone of [['n'], []]) {
        const result = await a.write(session, change({}, { delete: gone }))
        assert.deepEqual(result, { kind: 'written', version: 0, behind: 0 }, 'nothing is stored, which is version 0')
      }
      await absent(b, session)
      assert.equal(await write(b, session, { n: '1' }), 1)
      const version = await write(a, lost, {}, { seen: 5, delete: ['n'] }, 5)
      await holds(b, lost, {}, version, version)
    },
  ),

  storeCase('entries: what was read stays as it was when the session changes', async ({ a, id }) => {
    const session = id()
    await write(a, session, { n: '1', gone: '2' })
    const before = await read(a, session)
    await write(a, session, { n: '3', more: '4' }, { delete: ['gone'] })
    assert.deepEqual(found(before).entries, new Map([...Object.entries({ n: '1', gone: '2' })]))
  }),

  storeCase('entries: what was written stays as it was when the caller uses its Map again', async ({ a, b, id }) => {
    const session = id()
    const set = new Map([['n', '1']])
    await a.write(session, change(set))
    set.set('n', '2').set('more', '3')
    await holds(b, session, { n: '1' })
  }),

  storeCase('entries: sessions do not see each other, however alike their ids', async ({ a, b, id }) => {
    const first = `${id().slice(0, 22)}aB`
    const alike = ['Ab', 'ab', 'AB', 'a-', 'a_'].map((end) => first.slice(0, 22) + end)
    await write(a, first, { mine: '1' })
    for (const other of alike) await absent(b, other)
    for (const [i, other] of alike.entries()) await write(b, other, { theirs: String(i) })
    const to = `${first.slice(0, 23)}C`
    await a.destroy(alike[0] ?? '', how())
    moved(await a.move(alike[1] ?? '', to, how()))
    await holds(b, first, { mine: '1' }, 1)
    for (const [i, other] of alike.entries()) if (i > 1) await holds(a, other, { theirs: String(i) }, 1)
    await holds(b, to, { theirs: '1' })
  }),

  storeCase('entries: a store that is closed takes nothing with it', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: '1' })
    // Where backends share nothing, the data may end with the store.
    if (a !== b) await a.close?.()
    await holds(b, session, { n: '1' }, 1)
  }),
]
