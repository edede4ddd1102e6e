import assert from 'node:assert/strict'
import type { Store } from '../../ports/store.ts'
import { storeCase } from '../bench.ts'
import { change, expecting, found, holds, how, isEnded, read, write, written } from '../steps.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Adds one to a number by compare-and-set, as often as it takes. Returns the versions that it was given. */
async function increment(store: Store, id: string, key: string): Promise<number> {
  let text: string | undefined
  for (;;) {
    const next = String(Number(text ?? 0) + 1)
    const result = await store.write(id, change({ [key]: next }, expecting(key, text)))
    if (result.kind !== 'conflict') return written(result)
    assert.notEqual(result.found.get(key), text, 'a write was stopped although the text was the expected one')
    text = result.found.get(key)
  }
}

export const concurrency = [
  storeCase('concurrency: writes to different keys all survive, each at a version of its own', async ({ a, b, id }) => {
    const session = id()
    const given = await Promise.all(
      numbers(50).map((i) => write(i % 2 ? a : b, session, { [`key ${i}`]: String(i), last: String(i) })),
    )
    assert.equal(new Set(given).size, 50, `a version was given twice: ${given}`)
    const { version, entries } = found(await read(a, session))
    assert.equal(version, Math.max(...given))
    for (const i of numbers(50)) assert.equal(entries.get(`key ${i}`), String(i), `the write of 'key ${i}' was lost`)
    assert.equal(entries.get('last'), String(given.indexOf(version)), 'the newest version holds an older text')
  }),

  storeCase('concurrency: fifty increments by compare-and-set lose nothing', async ({ a, b, id }) => {
    const session = id()
    const given = await Promise.all(numbers(50).map((i) => increment(i % 2 ? a : b, session, 'n')))
    assert.equal(new Set(given).size, 50, `a version was given twice: ${given}`)
    await holds(b, session, { n: '50' }, Math.max(...given))
  }),

  storeCase('concurrency: of many who expect a key to be absent one gets it', async ({ a, b, id }) => {
    const session = id()
    const isAbsent = expecting('winner', undefined)
    const results = await Promise.all(
      numbers(20).map((i) => (i % 2 ? a : b).write(session, change({ winner: String(i) }, isAbsent))),
    )
    const winners = numbers(20).filter((i) => results[i]?.kind === 'written')
    assert.equal(winners.length, 1, `${winners.length} of 20 wrote what only one could`)
    await holds(a, session, { winner: String(winners[0]) }, 1)
  }),

  storeCase('concurrency: a reader sees each change whole, and never an older one', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { left: '0', right: '0' })
    let writing = true
    const reader = async (store: Store) => {
      let newest = 0
      while (writing) {
        const { version, entries } = found(await read(store, session))
        assert.equal(entries.get('left'), entries.get('right'), 'half of a change was read')
        assert.ok(version >= newest, `version ${version} was read after ${newest}`)
        newest = version
        // Lets the writer go on where the store answers at once.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const writer = async () => {
      for (const i of numbers(30)) await write(a, session, { left: String(i), right: String(i) })
    }
    const reading = Promise.all([reader(a), reader(b)])
    await Promise.race([writer().finally(() => (writing = false)), reading])
    await reading
    await holds(b, session, { left: '29', right: '29' })
  }),

  storeCase(
    'concurrency: writes that race a destroy come before it or are refused',
    async ({ a, b, id, successor }) => {
      const session = id()
      await write(a, session, { n: '0' })
      const racing = numbers(20).map((i) => (i % 2 ? a : b).write(session, change({ [`key ${i}`]: '1' })))
      const [destroyed, ...results] = await Promise.all([b.destroy(session, how()), ...racing])
      assert.equal(destroyed.kind, 'destroyed')
      for (const { kind } of results) assert.ok(kind === 'written' || kind === 'tombstone', `a racing write: ${kind}`)
      await isEnded(a, session, successor(session), 'destroyed')
    },
  ),

  storeCase('concurrency: of many who destroy a session one does', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: '0' })
    const results = await Promise.all(numbers(10).map((i) => (i % 2 ? a : b).destroy(session, how())))
    assert.equal(results.filter(({ kind }) => kind === 'destroyed').length, 1)
    assert.equal(results.filter(({ kind }) => kind === 'tombstone').length, 9)
  }),
]
