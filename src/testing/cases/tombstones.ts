import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { change, destroyed, how, isEnded, LONG, met, read, write } from '../steps.ts'

/** What clocks of two machines and their rounding may differ by while a case runs, in milliseconds. */
const SLACK = 50

export const tombstones = [
  storeCase('tombstones: a destroyed session is a tombstone for every operation', async ({ a, b, id, successor }) => {
    const session = id()
    const version = await write(a, session, { user: '"ada"' })
    destroyed(await a.destroy(session, how({ seen: version })))
    await isEnded(b, session, successor(session), 'destroyed')
    await isEnded(a, session, successor(session), 'destroyed', version)
  }),

  storeCase('tombstones: destroying what was never stored leaves one too', async ({ a, b, id, successor }) => {
    const session = id()
    destroyed(await a.destroy(session, how()))
    await isEnded(b, session, successor(session), 'destroyed')
  }),

  storeCase('tombstones: the age is the time since the session ended', async ({ a, b, id, now, until }) => {
    const session = id()
    await write(a, session, { n: '1' })
    const before = now()
    await a.destroy(session, how())
    await until('a tombstone grows older', async () => met(await read(b, session)) >= 100)
    const age = met(await read(b, session))
    assert.ok(
      age <= now() - before + SLACK,
      `an age of ${age} ms, ${now() - before} ms after the session was destroyed`,
    )
  }),

  storeCase('tombstones: whatever is tried later does not make it younger', async ({ a, b, id, successor, until }) => {
    const session = id()
    await write(a, session, { n: '1' })
    await a.destroy(session, how())
    await until('a tombstone grows older', async () => met(await read(b, session)) >= 100)
    await isEnded(a, session, successor(session), 'destroyed')
    assert.ok(met(await b.destroy(session, how())) >= 100, 'a second destroy made the tombstone younger')
    assert.ok(met(await a.touch(session, LONG)) >= 100, 'a touch made the tombstone younger')
  }),

  storeCase('tombstones: all operations say the same age', async ({ a, b, id, now, successor, until }) => {
    const session = id()
    await a.destroy(session, how())
    await until('a tombstone grows older', async () => met(await read(b, session)) >= 200)
    const before = now()
    const first = met(await read(a, session))
    const ages = [
      met(await b.write(session, change({}))),
      met(await b.destroy(session, how())),
      met(await b.move(session, successor(session), how())),
      met(await b.touch(session, LONG)),
    ]
    const most = first + (now() - before) + SLACK
    for (const age of ages) assert.ok(age >= first && age <= most, `ages of one tombstone differ: ${first}, ${ages}`)
  }),
]
