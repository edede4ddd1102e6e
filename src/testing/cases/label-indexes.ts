import assert from 'node:assert/strict'
import type { Labels, Store } from '../../ports/store.ts'
import { type Bench, storeCase } from '../bench.ts'
import { LONG } from '../steps.ts'

/** Milliseconds. */
const SHORT = 250
const within = 10_000

/** Labels of this case alone: the suite runs over data of others. */
const labelOf = ({ id }: Bench) => `user:${id()} {x} é\n`

function indexOf({ labels }: Store): Labels {
  if (!labels) assert.fail('the store has no labels')
  return labels
}

async function leadsTo(store: Store, label: string, ids: readonly string[]): Promise<void> {
  const found = await indexOf(store).list(label, { within })
  assert.deepEqual([...found].sort(), [...ids].sort(), 'the ids to which a label leads')
}

export const labelIndexes = [
  storeCase(
    'label indexes: a label leads to all that were added, and to nothing else',
    async (bench) => {
      const { a, b, id } = bench
      const [label, other, none] = [labelOf(bench), labelOf(bench), labelOf(bench)]
      const ids = Array.from({ length: 30 }, id)
      await Promise.all(ids.map((one, n) => indexOf(n % 2 ? a : b).add(label, one, { ttl: LONG, within })))
      await indexOf(a).add(other, ids[0] ?? '', { ttl: LONG, within })
      await leadsTo(b, label, ids)
      await leadsTo(b, other, ids.slice(0, 1))
      await leadsTo(b, none, [])
      await indexOf(b).remove(label, ids.slice(1), { within })
      await leadsTo(a, label, ids.slice(0, 1))
      await leadsTo(a, other, ids.slice(0, 1))
    },
    'labels',
  ),

  storeCase(
    'label indexes: adding says whether it was there already',
    async (bench) => {
      const { a, b, id } = bench
      const [label, one] = [labelOf(bench), id()]
      const add = (store: Store) => indexOf(store).add(label, one, { ttl: LONG, within })
      assert.equal(await add(a), true)
      assert.equal(await add(b), false)
      await indexOf(b).remove(label, [one], { within })
      assert.equal(await add(a), true)
    },
    'labels',
  ),

  storeCase(
    'label indexes: an id is forgotten after its time, and adding it again only lengthens that',
    async (bench) => {
      const { a, b, id, until } = bench
      const label = labelOf(bench)
      const [short, long, again] = [id(), id(), id()]
      const add = (one: string, ttl: number) => indexOf(a).add(label, one, { ttl, within })
      await add(again, SHORT)
      await add(again, LONG)
      await add(long, LONG)
      await add(long, 1)
      await add(short, SHORT)
      await until(`an id with ${SHORT} ms to live is gone`, async () => {
        return !(await indexOf(b).list(label, { within })).includes(short)
      })
      await leadsTo(b, label, [long, again])
    },
    'labels',
  ),

  storeCase(
    'label indexes: nothing is changed too late',
    async (bench) => {
      const { a, b, id } = bench
      const [label, one, other] = [labelOf(bench), id(), id()]
      await indexOf(a).add(label, one, { ttl: LONG, within })
      const late = { code: 'ERR_LIMPET_STORE', applied: false }
      await assert.rejects(indexOf(a).add(label, other, { ttl: LONG, within: 0 }), late)
      await assert.rejects(indexOf(a).remove(label, [one], { within: -1 }), late)
      await leadsTo(b, label, [one])
    },
    'labels',
  ),
]
