import assert from 'node:assert/strict'
import { storeCase } from './bench.ts'
import { behind } from './cases/behind.ts'
import { claims } from './cases/claims.ts'
import { clears } from './cases/clears.ts'
import { concurrency } from './cases/concurrency.ts'
import { deadlines } from './cases/deadlines.ts'
import { entries } from './cases/entries.ts'
import { expectations } from './cases/expectations.ts'
import { hostile } from './cases/hostile.ts'
import { labelIndexes } from './cases/label-indexes.ts'
import { labels } from './cases/labels.ts'
import { lateMoves } from './cases/late-moves.ts'
import { lifetimes } from './cases/lifetimes.ts'
import { marks } from './cases/marks.ts'
import { moveValues } from './cases/move-values.ts'
import { moves } from './cases/moves.ts'
import { repeatedMoves } from './cases/repeated-moves.ts'
import { secondMoves } from './cases/second-moves.ts'
import { sizes } from './cases/sizes.ts'
import { successors } from './cases/successors.ts'
import { tags } from './cases/tags.ts'
import { tombstones } from './cases/tombstones.ts'
import { watching } from './cases/watching.ts'
import type { StoreCase } from './setup.ts'

const declaration = storeCase('setup: says of watch() and labels what the store does', async ({ a, setup }) => {
  const expected = setup.watches ? 'function' : 'undefined'
  assert.equal(typeof a.watch, expected, 'give the suite `watches: true` if, and only if, the store has watch()')
  const indexed = setup.labels ? 'object' : 'undefined'
  assert.equal(typeof a.labels, indexed, 'give the suite `labels: true` if, and only if, the store has labels')
})

/** What every store must do, one thing each. `testStore` gives them to a test runner. */
export const storeCases: readonly StoreCase[] = [
  declaration,
  ...entries,
  ...clears,
  ...expectations,
  ...claims,
  ...sizes,
  ...concurrency,
  ...behind,
  ...tombstones,
  ...marks,
  ...moves,
  ...moveValues,
  ...repeatedMoves,
  ...secondMoves,
  ...lateMoves,
  ...successors,
  ...lifetimes,
  ...tags,
  ...labels,
  ...labelIndexes,
  ...deadlines,
  ...hostile,
  ...watching,
]
