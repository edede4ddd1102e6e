import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import {
  absent,
  change,
  conflict,
  destroyed,
  expecting,
  found,
  holds,
  how,
  isEnded,
  moved,
  read,
  write,
  written,
} from '../steps.ts'

export const behind = [
  storeCase('behind: a client that has seen what is stored, or less, lost nothing', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: '1' })
    const version = await write(a, session, { n: '2' }, { seen: 1 })
    for (const seen of [0, 1, version]) await holds(b, session, { n: '2' }, version, seen)
    await write(b, session, { n: '3' }, { seen: version })
  }),

  storeCase(
    'behind: reading an unknown session that a client has seen is a loss, not absence',
    async ({ a, b, id }) => {
      const session = id()
      const first = found(await read(a, session, { seen: 5 }))
      assert.deepEqual(first.entries, new Map())
      assert.equal(first.behind, 5)
      assert.ok(first.version > 5, `version ${first.version} may name a state that was lost: it must be above 5`)
      await holds(b, session, {}, first.version, first.version)
      await holds(b, session, {}, first.version)
    },
  ),

  storeCase(
    'behind: reading an older session says by how much, keeps the data, and goes on above',
    async ({ a, b, id }) => {
      const session = id()
      const stored = await write(a, session, { n: '1' })
      const late = found(await read(b, session, { seen: 9 }))
      assert.deepEqual(late.entries, new Map([['n', '1']]))
      assert.equal(late.behind, 9 - stored)
      assert.ok(late.version > 9, `version ${late.version} may name a state that was lost: it must be above 9`)
      await holds(a, session, { n: '1' }, late.version, late.version)
    },
  ),

  storeCase('behind: a read that renews, too', async ({ a, b, id }) => {
    const session = id()
    const stored = await write(a, session, { n: '1' })
    const late = found(await read(b, session, { seen: 9, touch: 60_000 }))
    assert.equal(late.behind, 9 - stored)
    assert.ok(late.version > 9)
    await holds(a, session, { n: '1' }, late.version, late.version)
  }),

  storeCase('behind: a write says by how much, and goes on above', async ({ a, b, id }) => {
    const unknown = id()
    const first = await write(a, unknown, { n: '1' }, { seen: 5 }, 5)
    assert.ok(first > 5, `version ${first} may name a state that was lost: it must be above 5`)
    const seen = first + 1000
    const next = await write(b, unknown, { more: '2' }, { seen }, 1000)
    assert.ok(next > seen, `version ${next} may name a state that was lost: it must be above ${seen}`)
    await holds(a, unknown, { n: '1', more: '2' }, next, next)
  }),

  storeCase('behind: an expectation is judged by what is left', async ({ a, b, id }) => {
    const session = id()
    const replacing = (text: string | undefined) => change({ n: '3' }, { seen: 5, ...expecting('n', text) })
    assert.equal(conflict(await a.write(session, replacing('2'))), undefined)
    assert.ok(written(await b.write(session, replacing(undefined)), 5) > 5)
  }),

  storeCase(
    'behind: what happens after a loss never gets a version that named something else',
    async ({ a, b, id }) => {
      const session = id()
      const before = await write(a, session, { n: '0' })
      // The client has seen 6; of what it saw only the first version is left.
      const seen = 6
      const results = await Promise.all([
        ...[a, b, a].map(async (store) => found(await read(store, session, { seen }))),
        ...[b, a].map(async (store, i) => {
          const result = await store.write(session, change({ [`key ${i}`]: '1' }, { seen }))
          assert.equal(result.kind, 'written')
          return result.kind === 'written' ? { ...result, entries: undefined } : assert.fail()
        }),
      ])
      const states = new Map<number, string>()
      for (const { version, behind, entries } of results) {
        assert.ok(version > seen, `version ${version} may name a state that was lost`)
        assert.ok(
          behind === 0 || behind === seen - before,
          `behind ${behind}, but it can only be 0 or ${seen - before}`,
        )
        const state = entries ? JSON.stringify([...entries].sort()) : `a write of its own`
        if (entries) assert.ok((states.get(version) ?? state) === state, `version ${version} names two states`)
        if (entries) states.set(version, state)
      }
      assert.ok(results.filter((one) => one.behind > 0).length >= 1, 'nobody was told of the loss')
      const writes = results.filter((one) => one.entries === undefined).map((one) => one.version)
      assert.equal(new Set(writes).size, 2, `two writes were given one version: ${writes}`)
      await holds(a, session, { n: '0', 'key 0': '1', 'key 1': '1' })
    },
  ),

  storeCase('behind: a loss that was said to nobody is said again', async ({ a, b, id }) => {
    for (const within of [0, -1, 0.5, 1]) {
      const session = id()
      const stored = await write(a, session, { n: '1' })
      const first = await read(b, session, { seen: 9, within }).catch(() => undefined)
      const told = first ? found(first) : found(await read(a, session, { seen: 9 }))
      assert.equal(told.behind, 9 - stored)
      await holds(a, session, { n: '1' }, told.version, told.version)
    }
  }),

  storeCase('behind: a move says by how much, and goes on above', async ({ a, b, id, successor }) => {
    const session = id()
    const next = successor(session)
    const stored = await write(a, session, { n: '1' })
    const version = moved(await b.move(session, next, how({ seen: 9 })), 9 - stored)
    assert.ok(version > 9, `version ${version} may name a state that was lost: it must be above 9`)
    await holds(a, next, { n: '1' }, version, version)
  }),

  storeCase('behind: a tombstone is one, whatever the client has seen', async ({ a, b, id, successor }) => {
    const session = id()
    await write(a, session, { n: '1' })
    destroyed(await a.destroy(session, how({ seen: 7 })))
    await isEnded(b, session, successor(session), 'destroyed', 1000)
  }),

  storeCase(
    'behind: when everything is lost, the store knows nothing and says so',
    async ({ a, b, id, setup }) => {
      const [session, other, late] = [id(), id(), id()]
      for (const one of [session, other]) for (const n of ['1', '2', '3']) await write(a, one, { n })
      await read(b, session)
      await setup.loseEverything?.()
      const lost = found(await read(b, session, { seen: 3 }))
      assert.deepEqual(lost.entries, new Map())
      assert.equal(lost.behind, 3)
      assert.ok(lost.version > 3)
      assert.ok((await write(a, other, { n: '4' }, { seen: 3 }, 3)) > 3)
      await holds(b, other, { n: '4' })
      await absent(a, late)
      assert.equal(await write(b, late, { n: '1' }), 1)
    },
    'loseEverything',
  ),
]
