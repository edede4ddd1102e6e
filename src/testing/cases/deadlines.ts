import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { absent, change, expecting, found, holds, how, moved, read, write } from '../steps.ts'

/** A write that comes too late rejects, and says for certain that it was not done. */
async function refused(late: Promise<unknown>): Promise<void> {
  const error = await late.then(
    (result) => assert.fail(`a write whose time was over was not refused: ${JSON.stringify(result)}`),
    (reason) => reason,
  )
  assert.equal(error?.code, 'ERR_LIMPET_STORE', `a late write must reject with a StoreError, not with: ${error}`)
  assert.equal(error.applied, false, 'a late write did not happen and never will: applied must be false')
}

export const deadlines = [
  storeCase('deadlines: a write whose time is over is refused', async ({ a, b, id }) => {
    const session = id()
    for (const within of [0, -1, -60_000]) {
      await refused(a.write(session, change({ n: '1' }, { within })))
      await refused(b.write(session, change({ n: '1' }, { within, ...expecting('n', undefined) })))
    }
    await absent(b, session)
    assert.equal(await write(a, session, { n: '1' }), 1)
    await refused(b.write(session, change({ n: '2' }, { within: 0, delete: ['n'] })))
    await holds(a, session, { n: '1' }, 1)
  }),

  storeCase('deadlines: so are a destroy and a move', async ({ a, b, id, successor }) => {
    const session = id()
    const next = successor(session)
    await write(a, session, { n: '1' })
    for (const within of [0, -1, -60_000]) {
      await refused(a.destroy(session, how({ within })))
      await refused(b.move(session, next, how({ within })))
    }
    await holds(b, session, { n: '1' }, 1)
    await absent(a, next)
    moved(await b.move(session, next, how()))
  }),

  storeCase('deadlines: a write that was refused at the last moment has not happened', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: '1' })
    const keys = Array.from({ length: 40 }, (_, i) => `key ${i}`)
    const outcomes = await Promise.all(
      keys.map(async (key, i) => {
        const writing = (i % 2 ? a : b).write(session, change({ [key]: '1' }, { within: i / 10 }))
        return writing.then(
          ({ kind }) => kind === 'written',
          (error) => (error.applied === false ? false : undefined),
        )
      }),
    )
    // Whatever was still under way comes before this.
    for (const store of [a, b]) await write(store, session, { n: '2' })
    const { entries } = found(await read(a, session))
    for (const [i, key] of keys.entries()) {
      if (outcomes[i] !== undefined) assert.equal(entries.has(key), outcomes[i], `'${key}' was said to be otherwise`)
    }
  }),
]
