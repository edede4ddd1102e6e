import assert from 'node:assert/strict'
import { storeCase } from './bench.ts'
import { behind } from './cases/behind.ts'
import { concurrency } from './cases/concurrency.ts'
import { deadlines } from './cases/deadlines.ts'
import { entries } from './cases/entries.ts'
import { expectations } from './cases/expectations.ts'
import { hostile } from './cases/hostile.ts'
import { lifetimes } from './cases/lifetimes.ts'
import { moves } from './cases/moves.ts'
import { sizes } from './cases/sizes.ts'
import { tombstones } from './cases/tombstones.ts'
import { watching } from './cases/watching.ts'
import type { StoreCase } from './setup.ts'

const declaration = storeCase('setup: says of watch() what the store does', async ({ a, setup }) => {
  const expected = setup.watches ? 'function' : 'undefined'
  assert.equal(typeof a.watch, expected, 'give the suite `watches: true` if, and only if, the store has watch()')
})

/** What every store must do, one thing each. `testStore` gives them to a test runner. */
export const storeCases: readonly StoreCase[] = [
  declaration,
  ...entries,
  ...expectations,
  ...sizes,
  ...concurrency,
  ...behind,
  ...tombstones,
  ...moves,
  ...lifetimes,
  ...deadlines,
  ...hostile,
  ...watching,
]
