import { type Op, settled, type Value } from '../history.ts'
import { carried, epochOf, lossExcuse } from './epochs.ts'
import { type Excuse, isExcused, type Scope, type Violation } from './verdict.ts'

/**
 * One key with unique values, one session: is there an order of the writes in which every read returned the newest?
 * After Gibbons and Korach, "Testing Shared Memories" (1997): a write and the reads that returned its value form a
 * cluster. Cluster A has to come before cluster B when some operation of A had finished before some operation of B began.
 * Two clusters that each have to come before the other are a contradiction, and without one there is such an order.
 * A write that was never answered has no finish: it may happen at any later time, or not at all.
 */
interface Cluster {
  readonly value: Value
  readonly write: Op | undefined
  readonly ops: readonly Op[]
  /** The earliest certain finish, the latest start. */
  readonly finish: number
  readonly start: number
}

export function checkRegister(ops: readonly Op[], writes: ReadonlyMap<Value, Op>, scope: Scope): Violation[] {
  const found: Violation[] = []
  const reads = ops.filter((op) => op.kind === 'read' && op.outcome === 'ok')
  let epoch = Number.NEGATIVE_INFINITY
  let clusters = new Map<Value, Cluster>()
  for (const op of inOrderOfFinish(ops)) {
    const since = epochOf(op, scope.windows)
    if (since === undefined) continue
    if (since > epoch) {
      epoch = since
      clusters = new Map()
    }
    if (op.invoke <= epoch) continue
    const before = clusters.get(op.value)
    const own = join(before, op, writes)
    const other = op.kind === 'read' ? contradiction(own, clusters) : undefined
    const violation = other && judge(own, other, op, reads, scope)
    if (!violation) clusters.set(op.value, own)
    else {
      found.push(violation)
      // A read that was too early to know proves nothing, and is forgotten.
      if (violation.excuse?.kind === 'late' && isExcused(violation.excuse, scope.terms)) continue
      // One loss is one violation: what follows is judged from here on.
      epoch = op.finish
      clusters = new Map()
    }
  }
  return found
}

function inOrderOfFinish(ops: readonly Op[]): Op[] {
  return ops
    .filter((op) => op.outcome === 'ok' && !op.behind && !(op.kind === 'read' && op.stale))
    .sort((a, b) => a.finish - b.finish)
}

function join(cluster: Cluster | undefined, op: Op, writes: ReadonlyMap<Value, Op>): Cluster {
  const { value } = op
  const { write, ops, finish, start } = cluster ?? begin(value, value === null ? undefined : writes.get(value))
  return {
    value,
    write,
    ops: op === write ? ops : [...ops, op],
    finish: Math.min(finish, op.finish),
    start: Math.max(start, op.invoke),
  }
}

function begin(value: Value, write: Op | undefined): Cluster {
  // Nothing there: as if written before everything else.
  if (!write) return { value, write, ops: [], finish: Number.NEGATIVE_INFINITY, start: Number.NEGATIVE_INFINITY }
  return { value, write, ops: [write], finish: settled(write), start: write.invoke }
}

/** The newest cluster that has to come both before and after `own`. */
function contradiction(own: Cluster, clusters: ReadonlyMap<Value, Cluster>): Cluster | undefined {
  let newest: Cluster | undefined
  for (const other of clusters.values()) {
    if (other.value === own.value || !(own.finish < other.start && other.finish < own.start)) continue
    if (!newest || (other.write?.invoke ?? 0) > (newest.write?.invoke ?? 0)) newest = other
  }
  return newest
}

function judge(own: Cluster, other: Cluster, read: Op, reads: readonly Op[], scope: Scope): Violation {
  const late = own.ops.reduce((a, b) => (b.invoke > a.invoke ? b : a), read)
  const before = other.ops.filter((op) => settled(op) < late.invoke)
  const first = before.reduce((a, b) => (settled(b) < settled(a) ? b : a), before[0] ?? late)
  const write = other.write && settled(other.write) < late.invoke ? other.write : undefined
  const evidence = write ?? first
  const shown = `#${late.id} returned ${show(own.value)}, which is older than ${show(other.value)}`
  const witnesses = unique([own.write, other.write, evidence, orderProof(own, other), late])
  const early: Excuse = { kind: 'late', after: late.invoke - first.finish }
  const told = before.some((op) => carried(late, op, scope.byId))
  if (isGone(own, other, late, reads)) {
    const why = `${shown}; #${evidence.id} was answered before #${late.id} was sent, and the value never came back`
    return {
      kind: 'lost-write',
      why,
      excuse: told ? undefined : (lossExcuse(evidence, late, scope) ?? early),
      witnesses: unique([...witnesses, ...between(evidence, late, scope)]),
    }
  }
  const excuse = told ? undefined : early
  return write
    ? { kind: 'read-your-writes', why: `${shown}, which #${write.id} had written before`, excuse, witnesses }
    : { kind: 'monotonic-reads', why: `${shown}, which #${evidence.id} had returned before`, excuse, witnesses }
}

/** Whose cookies led from one to the other. */
function between(earlier: Op, later: Op, { byId }: Scope): Op[] {
  const found: Op[] = []
  let source = byId.get(later.cookieFrom)
  while (source && source.id !== earlier.id && source.finish > earlier.invoke) {
    found.push(source)
    source = byId.get(source.cookieFrom)
  }
  return found
}

/** Why `own` has to come before `other`: an operation of `other` that began when one of `own` had finished. */
function orderProof(own: Cluster, other: Cluster): Op | undefined {
  if (other.write && own.finish < other.write.invoke) return own.write
  return other.ops.find((op) => op.invoke > own.finish)
}

/** Gone for good, or only not seen this once? The later reads tell. */
function isGone(own: Cluster, other: Cluster, late: Op, reads: readonly Op[]): boolean {
  const after = reads.filter((op) => op.invoke > late.finish && !op.stale && !op.behind)
  if (after.some((op) => op.value === other.value)) return false
  return after.length === 0 || after.some((op) => op.value === own.value || op.value === null)
}

export function show(value: Value): string {
  return value === null ? 'nothing' : String(value)
}

export function unique(ops: readonly (Op | undefined)[]): Op[] {
  const present = ops.filter((op) => op !== undefined)
  return [...new Set(present)].sort((a, b) => a.invoke - b.invoke)
}
