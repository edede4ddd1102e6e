import assert from 'node:assert/strict'
import { MOVE_WINDOW } from '../../ports/store.ts'
import { type Bench, storeCase } from '../bench.ts'
import { change, destroyed, found, holds, how, isEnded, LATER, met, moved, read, write, written } from '../steps.ts'

/** Milliseconds: the request began before everything in a case. */
const EARLY = { age: 3_600_000 }

/** A session that moved several times; the ids in order. */
async function chain({ a, b, id, successor }: Bench, moves: number): Promise<string[]> {
  const ids = [id()]
  await write(a, ids[0] ?? '', { n: '1' })
  for (let i = 0; i < moves; i++) {
    const from = ids.at(-1) ?? ''
    ids.push(successor(from))
    moved(await (i % 2 ? a : b).move(from, ids.at(-1) ?? '', how()))
  }
  return ids
}

export const successors = [
  storeCase('successors: destroying a session that has just moved destroys what it went on as', async (bench) => {
    const { a, b, successor } = bench
    // The request began after the move, and the browser's new cookie was still on its way.
    for (const age of [LATER, 0, EARLY.age]) {
      const [first = '', next = ''] = await chain(bench, 1)
      destroyed(await b.destroy(first, how({ age })), [next])
      await isEnded(a, next, successor(next), 'destroyed')
      await isEnded(b, first, successor(next), 'moved')
      met(await a.destroy(first, how({ age })), 'a destroy that finds nothing left', 'moved')
    }
  }),

  storeCase('successors: through all further moves', async (bench) => {
    const { a, b, successor } = bench
    const ids = await chain(bench, 5)
    const last = ids.pop() ?? ''
    destroyed(await b.destroy(ids[0] ?? '', how()), [last])
    await isEnded(a, last, successor(last), 'destroyed')
    for (const one of ids) await isEnded(b, one, successor(one), 'moved')
  }),

  storeCase('successors: all of them, where a session went on as several', async (bench) => {
    const { a, b, id, successor } = bench
    const session = id()
    const [next, other, last] = [successor(session), successor(session), successor(session)]
    const seen = await write(a, session, { n: '1' })
    moved(await a.move(session, next, how({ seen })))
    moved(await b.move(session, other, how({ ...EARLY, seen })))
    moved(await b.move(other, last, how()))
    destroyed(await b.destroy(session, how()), [next, last])
    for (const one of [next, last]) await isEnded(a, one, successor(session), 'destroyed')
  }),

  storeCase('successors: soon after the move also what else it went on as, by whichever id', async (bench) => {
    const { a, b, id, successor } = bench
    for (const ends of ['next', 'last', 'other'] as const) {
      const session = id()
      const [next, other, last] = [successor(session), successor(session), successor(session)]
      const seen = await write(a, session, { n: '1' })
      moved(await a.move(session, next, how({ seen })))
      moved(await b.move(session, other, how({ ...EARLY, seen })))
      await write(b, other, { more: '2' })
      moved(await b.move(other, last, how()))
      // One that has moved on is ended through what it became.
      const [chosen, along] = { next: [next, [last]], last: [last, [next]], other: [other, [last, next]] }[ends] as [
        string,
        string[],
      ]
      destroyed(await a.destroy(chosen, how()), along)
      await isEnded(b, next, successor(session), 'destroyed')
      await isEnded(a, last, successor(session), 'destroyed')
    }
  }),

  storeCase(
    'successors: also where nothing was ever stored, so that nothing can be',
    async ({ a, b, id, successor }) => {
      const session = id()
      const next = successor(session)
      assert.equal((await a.move(session, next, how())).kind, 'moved')
      destroyed(await b.destroy(session, how()), [next])
      await isEnded(a, next, successor(next), 'destroyed')
    },
  ),

  storeCase('successors: what is destroyed that way is a tombstone for as long as others', async (bench) => {
    const { a, b, until } = bench
    const [first = '', next = ''] = await chain(bench, 1)
    const [, brief = ''] = await chain(bench, 1)
    await b.destroy(first, how({ markTtl: 1 }))
    await b.destroy(brief, how({ tombstoneTtl: 1 }))
    await until('a tombstone with 1 ms to live is gone', async () => (await read(a, brief)).kind === 'absent')
    met(await read(a, next), 'a session that was destroyed through its old id', 'destroyed')
  }),

  storeCase(
    'successors: later they are destroyed by requests from before the move, and by no others',
    async (bench) => {
      const { a, b, setup, successor } = bench
      const [first = '', next = ''] = await chain(bench, 1)
      await setup.advance?.(MOVE_WINDOW + 1)
      for (const age of [LATER, 0, MOVE_WINDOW]) met(await b.destroy(first, how({ age })), 'a later destroy', 'moved')
      await holds(a, next, { n: '1' })
      destroyed(await b.destroy(first, how({ age: MOVE_WINDOW + 2 })), [next])
      await isEnded(a, next, successor(next), 'destroyed')
    },
    'advance',
  ),

  storeCase('successors: reads, writes and touches never follow a move', async (bench) => {
    const { a, b, successor } = bench
    const [first = '', next = ''] = await chain(bench, 1)
    const version = await holds(b, next, { n: '1' })
    await isEnded(b, first, successor(first), 'moved')
    await isEnded(a, first, successor(first), 'moved', 1)
    await holds(a, next, { n: '1' }, version)
  }),

  storeCase('successors: a destroy that overlaps a move ends the session, whichever comes first', async (bench) => {
    const { a, b, id, successor } = bench
    for (let i = 0; i < 10; i++) {
      const session = id()
      const next = successor(session)
      await write(a, session, { n: '1' })
      const both = [() => a.move(session, next, how()), () => b.destroy(session, how({ ...EARLY }))]
      await Promise.all((i % 2 ? both : both.reverse()).map((one) => one()))
      for (const one of [session, next]) assert.notEqual((await read(a, one)).kind, 'found', 'a logout left a session')
    }
  }),

  storeCase('successors: a session that moved can be written to under its new id alone', async (bench) => {
    const { a, b } = bench
    const [first = '', next = ''] = await chain(bench, 1)
    met(await a.write(first, change({ late: '1' })), 'a write with the old id', 'moved')
    written(await b.write(next, change({ more: '2' })))
    assert.deepEqual([...found(await read(a, next)).entries.keys()].sort(), ['more', 'n'])
  }),
]
