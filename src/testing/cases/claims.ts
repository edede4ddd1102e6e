import assert from 'node:assert/strict'
import type { Claim, WriteResult } from '../../ports/store.ts'
import { type Bench, storeCase } from '../bench.ts'
import { change, conflict, expecting, holds, LONG, write, written } from '../steps.ts'

/** Milliseconds. */
const SHORT = 250

const claim = (by: string, ms = LONG, key = 'n') => ({ claim: { key, by, ms } satisfies Claim })

/** For how long somebody else is next. */
function claimed(result: WriteResult): number {
  if (result.kind !== 'claimed') assert.fail(`somebody else should have been next, but it was answered: ${result.kind}`)
  return result.ms
}

/** A session of `{ n: '1', m: '1' }` on whose `n` ada has a claim. */
async function claimedByAda({ a, id }: Bench, ms = LONG): Promise<string> {
  const session = id()
  await write(a, session, { n: '1', m: '1' })
  assert.equal(
    conflict(await a.write(session, change({ n: '2' }, { ...expecting('n', '0'), ...claim('ada', ms) }))),
    '1',
  )
  return session
}

export const claims = [
  storeCase(
    'claims: whose expectation failed is next: others wait, until it has written',
    async (bench) => {
      const { a, b } = bench
      const session = await claimedByAda(bench)
      const ms = claimed(await b.write(session, change({ n: '2' }, expecting('n', '1'))))
      assert.ok(ms > 0 && ms <= LONG, `the claim of ${LONG} ms ends in ${ms} ms`)
      claimed(await b.write(session, change({ n: '2' }, { ...expecting('n', '0'), ...claim('bob') })))
      await holds(b, session, { n: '1', m: '1' }, 1)
      const version = written(
        await a.write(session, change({ n: '3' }, { ...expecting('n', '1'), ...claim('ada', 0) })),
      )
      written(await b.write(session, change({ n: '4' }, expecting('n', '3'))))
      assert.ok(version > 1)
    },
    'claims',
  ),

  storeCase(
    'claims: one does not hold up what expects nothing, or something of another key',
    async (bench) => {
      const { b } = bench
      const session = await claimedByAda(bench)
      written(await b.write(session, change({ m: '2' }, expecting('m', '1'))))
      written(await b.write(session, change({ n: '2' })))
      claimed(await b.write(session, change({ n: '3' }, expecting('n', '2'))))
      const both = new Map([
        ['m', '2'],
        ['n', '2'],
      ])
      claimed(await b.write(session, change({ n: '3' }, { expect: both })))
      await holds(b, session, { n: '2', m: '2' })
    },
    'claims',
  ),

  storeCase(
    'claims: the comparison stays the judge of who has one, and failing again does not lengthen it',
    async (bench) => {
      const { a, b, until } = bench
      const session = await claimedByAda(bench, SHORT)
      await write(b, session, { n: '5' })
      assert.equal(
        conflict(await a.write(session, change({ n: '2' }, { ...expecting('n', '1'), ...claim('ada') }))),
        '5',
      )
      const next = change({ n: '6' }, expecting('n', '5'))
      await until(`a claim of ${SHORT} ms is over`, async () => (await b.write(session, next)).kind === 'written')
    },
    'claims',
  ),

  storeCase(
    'claims: one of 0 ms is none, and without a failed expectation there is none',
    async ({ a, b, id }) => {
      const session = id()
      await write(a, session, { n: '1' })
      conflict(await a.write(session, change({}, { ...expecting('n', '0'), ...claim('ada', 0) })))
      conflict(await a.write(session, change({}, expecting('n', '0'))))
      written(await a.write(session, change({ n: '2' }, { ...expecting('n', '1'), ...claim('ada') })))
      written(await b.write(session, change({ n: '3' }, expecting('n', '2'))))
    },
    'claims',
  ),
]
