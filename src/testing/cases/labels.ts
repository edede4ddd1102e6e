import assert from 'node:assert/strict'
import { type DestroyHow, MOVE_WINDOW, type Store } from '../../ports/store.ts'
import { storeCase } from '../bench.ts'
import { absent, change, destroyed, holds, how, LONG, met, moved, read, write } from '../steps.ts'

const ADA = 'user:ada'
const BOB = 'user:bob & "co"'

async function hasLabel(store: Store, id: string, expected: string | undefined): Promise<void> {
  const result = await read(store, id)
  assert.equal(result.kind === 'found' ? result.label : result.kind, expected, 'the label, as a read tells it')
}

/** How `destroyAll` ends one session: whenever it has moved. */
const ending = (label: string, rest: Partial<DestroyHow> = {}): DestroyHow => {
  const { set: _, maxBytes: __, ...end } = how({ seen: 1, age: Number.MAX_SAFE_INTEGER })
  return { ...end, onlyLabel: label, ...rest }
}

export const labels = [
  storeCase(
    'labels: one is kept, returned, handed on by a move, changed and removed',
    async ({ a, b, id, successor }) => {
      const session = id()
      assert.equal(await write(a, session, {}, { label: ADA }), 1)
      await hasLabel(b, session, ADA)
      await write(b, session, { n: '1' }, { clear: true })
      assert.deepEqual(await a.touch(session, LONG), { kind: 'touched', label: ADA })
      const next = successor(session)
      const result = await a.move(session, next, how())
      assert.equal(result.kind === 'moved' && result.label, ADA, 'the label, as a move tells it')
      await hasLabel(b, next, ADA)
      const changed = await b.write(next, change({}, { label: BOB }))
      assert.equal(changed.kind === 'written' && changed.label, BOB, 'the label, as a write tells it')
      await hasLabel(a, next, BOB)
      await write(a, next, {}, { label: null })
      await hasLabel(b, next, undefined)
    },
    'labels',
  ),

  storeCase(
    'labels: removing one where nothing is stored makes nothing',
    async ({ a, b, id }) => {
      const session = id()
      await a.write(session, change({}, { label: null }))
      await absent(b, session)
    },
    'labels',
  ),

  storeCase(
    'labels: whoever ends what has one leaves alone what has another, or none',
    async ({ a, b, id, successor }) => {
      const [ada, bob, nobody, nothing] = [id(), id(), id(), id()]
      await write(a, ada, { n: '1' }, { label: ADA })
      await write(a, bob, { n: '1' }, { label: BOB })
      await write(a, nobody, { n: '1' })
      for (const session of [bob, nobody]) {
        assert.deepEqual(await b.destroy(session, ending(ADA)), { kind: 'other-label' })
        await holds(a, session, { n: '1' })
      }
      for (const session of [ada, nothing]) {
        destroyed(await b.destroy(session, ending(ADA)))
        met(await read(a, session), 'a read', 'destroyed')
      }
      // The same of what a session went on as.
      const next = successor(bob)
      moved(await a.move(bob, next, how()))
      met(await b.destroy(bob, ending(ADA)), 'an end that means somebody else', 'moved')
      await holds(a, next, { n: '1' })
      destroyed(await b.destroy(bob, ending(BOB)), [next])
    },
    'labels',
  ),

  storeCase(
    'labels: an end from outside follows a move for as long as its tombstone stays',
    async ({ a, b, id, successor, setup }) => {
      const session = id()
      const [next, last] = [successor(session), successor(session)]
      await write(a, session, { n: '1' }, { label: ADA })
      moved(await a.move(session, next, how()))
      moved(await a.move(next, last, how()))
      await setup.advance?.(MOVE_WINDOW + 1)
      destroyed(await b.destroy(session, ending(ADA)), [last])
      met(await read(a, last), 'what it went on as', 'destroyed')
    },
    'labels',
    'advance',
  ),

  storeCase(
    'labels: one session can be left alone, whatever it came from',
    async ({ a, b, id, successor }) => {
      const session = id()
      const [mine, other] = [successor(session), successor(session)]
      const seen = await write(a, session, { n: '1' }, { label: ADA })
      moved(await a.move(session, mine, how({ seen, age: 1000 })))
      moved(await b.move(session, other, how({ seen, age: 1000 })))
      destroyed(await b.destroy(session, ending(ADA, { except: mine })), [other])
      await holds(a, mine, { n: '1' })
      met(await read(a, other), 'its sibling', 'destroyed')
    },
    'labels',
  ),
]
