import fc from 'fast-check'
import { expect, test } from 'vitest'
import { check } from './checker/check.ts'
import { type History, type Op, settled } from './history.ts'
import { Scribe } from './scribe.ts'

/** Is there any order of the operations, true to their times, in which each returns what it should? Tries all of them. */
function hasAnOrder(ops: readonly Op[]): boolean {
  const left = new Set(ops)
  const go = (state: Op['value']): boolean => {
    if ([...left].every((op) => op.outcome === 'unknown')) return true
    for (const op of [...left]) {
      if ([...left].some((other) => other !== op && settled(other) < op.invoke)) continue
      const next = op.kind === 'write' ? op.value : op.kind === 'add' ? Number(state ?? 0) + 1 : state
      const returned = op.kind === 'write' || op.outcome === 'unknown' ? next : op.value
      if (returned !== next) continue
      left.delete(op)
      const found = go(next)
      left.add(op)
      if (found) return true
    }
    return false
  }
  return go(null)
}

const times = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 6 }))
const outcome = fc.oneof({ weight: 4, arbitrary: fc.constant('ok' as const) }, fc.constant('unknown' as const))

/** Small histories of one key: writes of unique values, reads of anything that was written. */
const registers = fc
  .array(fc.record({ writes: fc.boolean(), times, outcome, reads: fc.nat(6) }), { minLength: 2, maxLength: 7 })
  .map((plans) => {
    const scribe = new Scribe()
    const values = [null, ...plans.flatMap(({ writes }, index) => (writes ? [`v${index}`] : []))]
    plans.forEach(({ writes, times: [start, length], outcome, reads }, index) => {
      const span = [start * 2, (start + length) * 2 + 1] as const
      if (writes) scribe.write('k', `v${index}`, span, { outcome })
      else scribe.read('k', values[reads % values.length] ?? null, span)
    })
    return scribe.history()
  })
  // A read of what is written only after it is no library's mistake, but one of the generator.
  .filter((history) => readsKnownValues(history))

const counters = fc
  .array(fc.record({ adds: fc.boolean(), times, outcome, value: fc.nat(3) }), { minLength: 2, maxLength: 7 })
  .map((plans) => {
    const scribe = new Scribe()
    for (const { adds, times, outcome, value } of plans) {
      const span = [times[0] * 2, (times[0] + times[1]) * 2 + 1] as const
      if (adds) scribe.add('n', value + 1, span, { outcome })
      else scribe.read('n', value === 0 ? null : value, span)
    }
    return scribe.history()
  })

function readsKnownValues({ ops }: History): boolean {
  return ops.every((op) => {
    if (op.kind !== 'read' || op.value === null) return true
    return ops.some((write) => write.value === op.value && write.kind === 'write' && write.invoke <= op.finish)
  })
}

test('for registers the checker finds a violation exactly when no order explains the history', () => {
  let bad = 0
  fc.assert(
    fc.property(registers, (history) => {
      const explained = hasAnOrder(history.ops)
      if (!explained) bad++
      expect(check(history).violations.length === 0).toBe(explained)
    }),
    { numRuns: 5000 },
  )
  expect(bad).toBeGreaterThan(500)
})

test('for counters the checker never complains of a history that an order explains', () => {
  let good = 0
  let missed = 0
  let bad = 0
  fc.assert(
    fc.property(counters, (history) => {
      const explained = hasAnOrder(history.ops)
      const found = check(history).violations.length > 0
      if (explained) {
        good++
        expect(found).toBe(false)
      } else {
        bad++
        if (!found) missed++
      }
    }),
    { numRuns: 5000 },
  )
  expect(good).toBeGreaterThan(100)
  // Its rules are necessary, not sufficient: a history can be wrong in a way that only the search sees. Few are.
  expect(missed / bad).toBeLessThan(0.1)
})
