import type { Op } from '../history.ts'
import { carried, epochOf, lossExcuse } from './epochs.ts'
import { show, unique } from './registers.ts'
import { type Excuse, type FormerAdds, isExcused, type Scope, type Violation } from './verdict.ts'

/**
 * One counter of one session, raised by one at a time; each `add` returns the new value. With a finished before b began:
 * b's value is at least a's plus every acknowledged add that lies wholly between the two (plus b itself, if it adds).
 * No two adds return the same value. And the value is never higher than the adds that had begun and did not fail.
 *
 * `ops` are those to be judged; `adds` are all of the session, as one that is not judged may still have counted.
 */
export function checkCounter(ops: readonly Op[], adds: readonly Op[], scope: Scope): Violation[] {
  const found: Violation[] = []
  const attempts = adds.filter((op) => op.outcome !== 'fail')
  const sorted = ops
    .filter((op) => op.outcome === 'ok' && !op.behind && !(op.kind === 'read' && op.stale))
    .sort((a, b) => a.finish - b.finish)
  let epoch = Number.NEGATIVE_INFINITY
  let known: Op[] = []
  let excess: Violation | undefined
  for (const op of sorted) {
    // Once is enough: every later value is too high as well.
    if (!excess) excess = tooMany(op, attempts, scope)
    const since = epochOf(op, scope.windows)
    if (since === undefined) continue
    if (since > epoch) {
      epoch = since
      known = []
    }
    if (op.invoke <= epoch) continue
    const violation = duplicate(op, known, scope) ?? tooFew(op, known, epoch, sorted, scope)
    if (!violation) {
      known.push(op)
      continue
    }
    found.push(violation)
    // A read that was too early to know proves nothing; a loss is one violation, and what follows is judged from here on.
    if (violation.excuse?.kind === 'late' && isExcused(violation.excuse, scope.terms)) continue
    epoch = op.finish
    known = []
  }
  return excess ? [excess, ...found] : found
}

function amount(op: Op): number {
  return typeof op.value === 'number' ? op.value : 0
}

function tooMany(op: Op, attempts: readonly Op[], scope: Scope): Violation | undefined {
  const former = scope.former.get(op.key) ?? []
  const possible = attempts.filter((add) => add.invoke < op.finish).length + total(former, (adds) => adds.underWay)
  if (amount(op) <= possible) return undefined
  // Sessions whose login or logout a lossy fault may have taken: they are back, and their adds with them (counted as undone where a value says so).
  const undone = former.filter(({ left }) => scope.lossy.some((fault) => fault.start <= op.finish && fault.end >= left))
  if (amount(op) <= possible + total(undone, settledAdds)) return undefined
  const seen = `#${op.id} returned ${show(op.value)}, but only ${possible} adds had begun in this session that did not fail`
  const witnesses = unique([op])
  return amount(op) <= possible + total(former, settledAdds)
    ? { kind: 'resurrected', why: `${seen}: the rest is of an earlier session`, excuse: undefined, witnesses }
    : { kind: 'failed-write-happened', why: seen, excuse: undefined, witnesses }
}

/** Those under way during the logout are possible in any case. */
function settledAdds({ all, underWay }: FormerAdds): number {
  return all - underWay
}

function total(former: readonly FormerAdds[], count: (adds: FormerAdds) => number): number {
  return former.reduce((sum, adds) => sum + count(adds), 0)
}

function duplicate(op: Op, known: readonly Op[], scope: Scope): Violation | undefined {
  if (op.kind !== 'add') return undefined
  const twin = known.find((other) => other.kind === 'add' && other.value === op.value)
  if (!twin) return undefined
  // Two that overlap know nothing of each other: one may have come before a loss and the other after it, and a third will be told.
  const start = Math.min(twin.invoke, op.invoke)
  if (scope.lossy.some((fault) => fault.start <= op.finish && fault.end >= start)) return undefined
  const why = `#${twin.id} and #${op.id} both raised the counter to ${show(op.value)}`
  return { kind: 'lost-update', why, excuse: undefined, witnesses: unique([twin, op]) }
}

function tooFew(op: Op, known: readonly Op[], epoch: number, all: readonly Op[], scope: Scope): Violation | undefined {
  const done = known.filter((other) => other.finish < op.invoke)
  const least = leastAfter(done, epoch, op)
  if (amount(op) >= least.value) return undefined
  const why = `#${op.id} returned ${show(op.value)}, but ${least.value} is the least that the operations before it allow`
  const witnesses = unique([least.base, ...least.adds, done.at(-1), op])
  const told = done.filter((other) => carried(op, other, scope.byId))
  const cookieKnew = amount(op) < leastAfter(told, epoch, op).value
  const first = firstEnough(done, epoch, op)
  const early: Excuse = { kind: 'late', after: op.invoke - first.finish }
  const loss = cookieKnew ? undefined : lossExcuse(first, op, scope)
  // An add starts from what the store holds, so no local copy can have misled it.
  if (op.kind === 'add') return { kind: 'lost-update', why, excuse: loss, witnesses }
  const excuse = cookieKnew ? undefined : early
  if (isLost(op, least.value, epoch, all)) return { kind: 'lost-update', why, excuse: loss ?? excuse, witnesses }
  const kind = least.base?.kind === 'read' ? 'monotonic-reads' : 'read-your-writes'
  return { kind, why, excuse, witnesses }
}

/** The first of these operations with which it was certain that `op` shows too little. */
function firstEnough(done: readonly Op[], epoch: number, op: Op): Op {
  return done.find((_, index) => leastAfter(done.slice(0, index + 1), epoch, op).value > amount(op)) ?? op
}

/** Gone for good, or only not seen by this read? The next add tells, as it starts from what the store holds. */
function isLost(read: Op, expected: number, epoch: number, all: readonly Op[]): boolean {
  const later = all.filter((op) => op.invoke > read.finish)
  const next = later.find((op) => op.kind === 'add')
  if (!next) return !later.some((op) => amount(op) >= expected)
  const before = all.filter((op) => op.finish < next.invoke && op.invoke > epoch && op !== read)
  return amount(next) < leastAfter(before, epoch, next).value
}

/** The smallest value that `op` can show after the operations in `done`, and which of them say so. */
function leastAfter(done: readonly Op[], epoch: number, op: Op): { value: number; base: Op | undefined; adds: Op[] } {
  const adds = done.filter((other) => other.kind === 'add')
  const own = op.kind === 'add' ? 1 : 0
  // A session starts with nothing; what is left after an announced loss is not known until something shows it.
  const fresh = epoch === Number.NEGATIVE_INFINITY
  let least: { value: number; base: Op | undefined; adds: Op[] } = {
    value: fresh ? adds.length + own : 0,
    base: undefined,
    adds: fresh ? adds : [],
  }
  for (const base of done) {
    const between = adds.filter((add) => add.invoke > base.finish)
    const value = amount(base) + between.length + own
    // The later proof of the same number is the shorter story.
    if (value >= least.value) least = { value, base, adds: between }
  }
  return least
}
