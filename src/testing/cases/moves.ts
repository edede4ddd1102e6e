import assert from 'node:assert/strict'
import { storeCase } from '../bench.ts'
import { absent, change, destroyed, found, holds, how, isEnded, moved, movedNothing, read, write } from '../steps.ts'

export const moves = [
  storeCase('moves: the new id has all data at a higher version, the old one a tombstone', async (bench) => {
    const { a, b, id, successor } = bench
    const session = id()
    const next = successor(session)
    const before = await write(a, session, { user: '"ada"', cart: '[]' })
    const version = moved(await a.move(session, next, how({ seen: before })))
    assert.ok(version > before, `a move is a write: version ${version} after ${before}`)
    await holds(b, next, { user: '"ada"', cart: '[]' }, version, version)
    await isEnded(b, session, successor(session), 'moved')
    await holds(a, next, { user: '"ada"', cart: '[]' }, version)
  }),

  storeCase('moves: the session goes on under its new id, and can be moved again', async ({ a, b, id, successor }) => {
    const ids = [id()]
    let version = await write(a, ids[0] ?? '', { n: '0' })
    for (const store of [b, a, b]) {
      const from = ids.at(-1) ?? ''
      const to = successor(from)
      ids.push(to)
      const after = moved(await store.move(from, to, how({ seen: version })))
      assert.ok(after > version)
      version = await write(store, to, { n: String(ids.length) }, { seen: after })
      assert.ok(version > after)
    }
    await holds(a, ids.pop() ?? '', { n: '4' }, version)
    for (const old of ids) await isEnded(b, old, successor(old), 'moved')
  }),

  storeCase('moves: of what was never stored nothing is made, and the old id is a tombstone', async (bench) => {
    const { a, b, id, successor } = bench
    const session = id()
    const next = successor(session)
    movedNothing(await a.move(session, next, how()))
    await absent(b, next)
    await isEnded(b, session, successor(session), 'moved')
    assert.equal(await write(a, next, { n: '1' }), 1)
    await holds(b, next, { n: '1' })
  }),

  storeCase('moves: a destroyed session has nothing to give', async ({ a, b, id, successor }) => {
    const session = id()
    const next = successor(session)
    await write(a, session, { n: '1' })
    await a.destroy(session, how())
    assert.equal((await b.move(session, next, how())).kind, 'tombstone')
    await absent(a, next)
  }),

  storeCase('moves: the moved session can be destroyed', async ({ a, b, id, successor }) => {
    const session = id()
    const next = successor(session)
    await write(a, session, { n: '1' })
    moved(await a.move(session, next, how()))
    destroyed(await b.destroy(next, how()))
    await isEnded(a, next, successor(next), 'destroyed')
    await isEnded(b, session, successor(session), 'moved')
  }),

  storeCase('moves: of many who move a session one does', async ({ a, b, id, successor }) => {
    const session = id()
    await write(a, session, { n: '1' })
    const targets = Array.from({ length: 10 }, () => successor(session))
    const results = await Promise.all(targets.map((to, i) => (i % 2 ? a : b).move(session, to, how())))
    const winners = targets.filter((_, i) => results[i]?.kind === 'moved')
    assert.equal(winners.length, 1, `${winners.length} of 10 moved one session`)
    for (const to of targets) {
      if (to === winners[0]) await holds(b, to, { n: '1' })
      else await absent(a, to)
    }
  }),

  storeCase('moves: a write that races one comes along or is refused', async ({ a, b, id, successor }) => {
    const session = id()
    const next = successor(session)
    await write(a, session, { n: '1' })
    const keys = Array.from({ length: 20 }, (_, i) => `key ${i}`)
    const writing = keys.map((key, i) => (i % 2 ? a : b).write(session, change({ [key]: '1' })))
    const [move, ...results] = await Promise.all([b.move(session, next, how()), ...writing])
    const version = moved(move)
    const { entries } = found(await read(a, next))
    for (const [i, result] of results.entries()) {
      const kept = entries.has(keys[i] ?? '')
      assert.equal(kept, result.kind === 'written', `a write was answered '${result.kind}'; under the new id: ${kept}`)
      if (result.kind === 'written') assert.ok(result.version < version, 'a write got a version above that of the move')
    }
  }),

  storeCase('moves: whoever finds the tombstone of the old id finds the data under the new one', async (bench) => {
    const { a, b, id, successor, until } = bench
    for (let i = 0; i < 10; i++) {
      const session = id()
      const next = successor(session)
      await write(a, session, { n: String(i) })
      const moving = a.move(session, next, how())
      await until('the old id is a tombstone', async () => (await read(b, session)).kind === 'tombstone')
      await holds(b, next, { n: String(i) })
      moved(await moving)
    }
  }),
]
