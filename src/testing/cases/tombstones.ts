import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { how, isRetired, LONG, read, retired, write } from '../steps.ts'

/** What clocks of two machines and their rounding may differ by while a case runs, in milliseconds. */
const SLACK = 50

export const tombstones = [
  storeCase('tombstones: a destroyed session is retired for every operation', async ({ a, b, id, successor }) => {
    const session = id()
    const version = await write(a, session, { user: '"ada"' })
    assert.deepEqual(await a.destroy(session, how({ seen: version })), { kind: 'destroyed' })
    await isRetired(b, session, successor(session), false)
    await isRetired(a, session, successor(session), false, version)
  }),

  storeCase('tombstones: destroying what was never stored leaves one too', async ({ a, b, id, successor }) => {
    const session = id()
    assert.deepEqual(await a.destroy(session, how()), { kind: 'destroyed' })
    await isRetired(b, session, successor(session), false)
  }),

  storeCase('tombstones: the age is the time since the session ended', async ({ a, b, id, now, until }) => {
    const session = id()
    await write(a, session, { n: '1' })
    const before = now()
    await a.destroy(session, how())
    await until('a tombstone grows older', async () => retired(await read(b, session)) >= 100)
    const age = retired(await read(b, session))
    assert.ok(
      age <= now() - before + SLACK,
      `an age of ${age} ms, ${now() - before} ms after the session was destroyed`,
    )
  }),

  storeCase('tombstones: whatever is tried later does not make it younger', async ({ a, b, id, successor, until }) => {
    const session = id()
    await write(a, session, { n: '1' })
    await a.destroy(session, how())
    await until('a tombstone grows older', async () => retired(await read(b, session)) >= 100)
    await isRetired(a, session, successor(session), false)
    assert.ok(retired(await b.destroy(session, how())) >= 100, 'a second destroy made the tombstone younger')
    assert.ok(retired(await a.touch(session, LONG)) >= 100, 'a touch made the tombstone younger')
  }),

  storeCase('tombstones: all operations say the same age', async ({ a, b, id, now, successor, until }) => {
    const session = id()
    await a.destroy(session, how())
    await until('a tombstone grows older', async () => retired(await read(b, session)) >= 200)
    const before = now()
    const first = retired(await read(a, session))
    const ages = [
      retired(await b.write(session, { ...how(), set: new Map(), delete: [], expect: undefined, maxBytes: 100 })),
      retired(await b.destroy(session, how())),
      retired(await b.move(session, successor(session), how())),
      retired(await b.touch(session, LONG)),
    ]
    const most = first + (now() - before) + SLACK
    for (const age of ages) assert.ok(age >= first && age <= most, `ages of one tombstone differ: ${first}, ${ages}`)
  }),
]
