import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { destroyed, how, met, moved, read, write } from '../steps.ts'

/** Milliseconds. */
const SHORT = 250

export const marks = [
  storeCase('marks: the end of what never stored anything is remembered for `markTtl` only', async (bench) => {
    const { a, b, id, successor, until } = bench
    const [gone, from] = [id(), id()]
    destroyed(await a.destroy(gone, how({ markTtl: SHORT })))
    assert.equal((await a.move(from, successor(from), how({ markTtl: SHORT }))).kind, 'moved')
    for (const [session, end] of [
      [gone, 'destroyed'],
      [from, 'moved'],
    ] as const) {
      const gone = async () => (await read(b, session)).kind === 'absent'
      await until(`a mark of what was ${end}, with ${SHORT} ms to live, is gone`, gone)
    }
  }),

  storeCase('marks: the end of data, and of data that was lost, for `tombstoneTtl`', async (bench) => {
    const { a, b, id, successor, until } = bench
    const [stored, lost, from, lostFrom, control] = [id(), id(), id(), id(), id()]
    for (const session of [stored, from]) await write(a, session, { n: '1' })
    const brief = { markTtl: 1 }
    await a.destroy(stored, how(brief))
    await a.destroy(lost, how({ ...brief, seen: 5 }))
    moved(await a.move(from, successor(from), how(brief)))
    moved(await a.move(lostFrom, successor(lostFrom), how({ ...brief, seen: 5 })), 5)
    await a.destroy(control, how(brief))
    await until('a mark with 1 ms to live is gone', async () => (await read(b, control)).kind === 'absent')
    for (const session of [stored, lost]) met(await read(b, session), 'the end of a session with data', 'destroyed')
    for (const session of [from, lostFrom]) met(await read(b, session), 'the end of a session with data', 'moved')
  }),
]
