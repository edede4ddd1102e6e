import assert from 'node:assert/strict'
import type { Store, Tagged } from '../../ports/store.ts'
import { storeCase } from '../bench.ts'
import { absent, change, how, LONG, met, moved, read, write } from '../steps.ts'

const HOUR = 3_600_000
const BEGAN = 1_750_000_000_000

async function hasTags(store: Store, id: string, expected: Tagged): Promise<void> {
  same(await read(store, id), expected, 'a read')
}

function same(result: object, { lifetime, createdAt }: Tagged, what: string): void {
  const tags = { lifetime: undefined, createdAt: undefined, ...result }
  assert.deepEqual(
    [tags.lifetime, tags.createdAt],
    [lifetime, createdAt],
    `lifetime and createdAt, as ${what} tells them`,
  )
}

export const tags = [
  storeCase('tags: a lifetime of 0 is none any more', async ({ a, b, id }) => {
    const session = id()
    await write(a, session, { n: '1' }, { lifetime: HOUR })
    await hasTags(b, session, { lifetime: HOUR })
    await write(b, session, {}, { lifetime: 0 })
    await hasTags(a, session, {})
    await write(a, session, { n: '2' })
    await hasTags(b, session, {})
  }),

  storeCase('tags: a lifetime alone is stored, and taking one away where nothing is makes nothing', async (bench) => {
    const { a, b, id } = bench
    const [session, other] = [id(), id()]
    assert.equal(await write(a, session, {}, { lifetime: HOUR }), 1)
    await hasTags(b, session, { lifetime: HOUR })
    assert.equal((await a.write(other, change({}, { lifetime: 0, createdAt: BEGAN }))).kind, 'written')
    await absent(b, other)
  }),

  storeCase('tags: the first `createdAt` is kept, returned, and handed on by a move', async (bench) => {
    const { a, b, id, successor } = bench
    const session = id()
    await write(a, session, { n: '1' })
    await hasTags(b, session, {})
    await write(a, session, { n: '2' }, { createdAt: BEGAN })
    await write(b, session, { n: '3' }, { createdAt: BEGAN + 1, clear: true })
    await hasTags(b, session, { createdAt: BEGAN })
    const next = successor(session)
    moved(await a.move(session, next, how({ createdAt: BEGAN + 2 })))
    await hasTags(b, next, { createdAt: BEGAN })
  }),

  storeCase('tags: writes and moves answer with them', async ({ a, b, id, successor }) => {
    const session = id()
    const next = successor(session)
    same(
      await a.write(session, change({ n: '1' }, { lifetime: HOUR, createdAt: BEGAN })),
      { lifetime: HOUR, createdAt: BEGAN },
      'the write itself',
    )
    same(await b.write(session, change({ n: '2' })), { lifetime: HOUR, createdAt: BEGAN }, 'the next write')
    same(await a.move(session, next, how()), { lifetime: HOUR, createdAt: BEGAN }, 'the move')
    same(await b.move(session, next, how()), { lifetime: HOUR, createdAt: BEGAN }, 'the same move again')
  }),

  storeCase(
    'tags: a tombstone stays for longer than the longest lifetime that the session had',
    async ({ a, b, id, successor, setup }) => {
      const [ended, shortened, moving] = [id(), id(), id()]
      for (const session of [ended, shortened, moving]) await write(a, session, { n: '1' }, { lifetime: HOUR })
      await write(a, shortened, {}, { lifetime: 1000 })
      await a.destroy(ended, how())
      await a.destroy(shortened, how())
      moved(await a.move(moving, successor(moving), how()))
      await setup.advance?.(HOUR + LONG)
      for (const session of [ended, shortened, moving]) met(await read(b, session), 'a token of an hour')
      await setup.advance?.(HOUR)
      for (const session of [ended, shortened, moving]) await absent(b, session)
    },
    'advance',
  ),
]
