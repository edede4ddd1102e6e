import { type Fault, type Op, settled, type Value } from '../history.ts'
import { show, unique } from './registers.ts'
import type { Violation } from './verdict.ts'

/** Where does each value that was read come from? Values are unique, so the history knows who wrote it, and when. */
export function checkOrigins(
  ops: readonly Op[],
  writes: ReadonlyMap<Value, Op>,
  lossy: readonly Fault[],
): { violations: Violation[]; undoneLogouts: number } {
  const violations: Violation[] = []
  const failed = new Set<Value>()
  const undone = new Set<Op>()
  const ends = endings(ops)
  for (const op of ops) {
    if ((op.kind !== 'read' && op.kind !== 'ghost') || op.outcome !== 'ok' || op.value === null) continue
    const write = typeof op.value === 'string' ? writes.get(op.value) : undefined
    if (write?.outcome === 'fail' && !failed.has(op.value)) {
      failed.add(op.value)
      violations.push(failedButThere(op, write))
    }
    if (op.kind === 'read') {
      const wrong = wrongSession(op, write, ends)
      // An overlapping response had brought the old cookie back, and a lossy fault the session that it names.
      const end = write && endsOf(write, ends).find((one) => tookAway(lossy, one, op))
      if (wrong.some(({ kind }) => kind === 'resurrected') && end) undone.add(end)
      else violations.push(...wrong)
    } else if (!op.stale) {
      // The cookie of a session that was ended (or left for a new id), sent again: it must show nothing at all. What ended it had brought
      // the same cookie.
      const end = endsOf(op, ends).find(({ cookieFrom }) => cookieFrom === op.cookieFrom)
      if (end && tookAway(lossy, end, op)) undone.add(end)
      else
        violations.push({
          ...resurrected(op, end, write),
          excuse: end && { kind: 'late', after: op.invoke - end.finish },
        })
    }
  }
  return { violations, undoneLogouts: undone.size }
}

/** A lossy fault since the session's end may have taken its tombstone. */
function tookAway(lossy: readonly Fault[], end: Op, op: Op): boolean {
  return lossy.some((fault) => fault.start <= op.finish && fault.end >= end.invoke)
}

/** How each session ended, and when it was given a new id before. */
function endings(ops: readonly Op[]): Map<string, Op[]> {
  const ends = new Map<string, Op[]>()
  for (const op of ops) {
    if ((op.kind !== 'logout' && op.kind !== 'login') || op.outcome !== 'ok') continue
    ends.set(`${op.client}.${op.incarnation}`, [...endsOf(op, ends), op])
  }
  return ends
}

function endsOf({ client, incarnation }: Op, ends: ReadonlyMap<string, Op[]>): Op[] {
  return ends.get(`${client}.${incarnation}`) ?? []
}

function wrongSession(op: Op, write: Op | undefined, ends: ReadonlyMap<string, Op[]>): Violation[] {
  if (typeof op.value !== 'string') return []
  if (!write || write.client !== op.client || write.key !== op.key) return [foreign(op, write)]
  if (write.incarnation === op.incarnation) return []
  const end = endsOf(write, ends).at(-1)
  // A write that was under way during the logout may have come after it, and so into the next session.
  if (end?.kind === 'logout' && settled(write) >= end.invoke) return []
  return [resurrected(op, end, write)]
}

function failedButThere(op: Op, write: Op): Violation {
  const why = `#${op.id} returned ${show(op.value)}, and #${write.id} had said that it was not written`
  return { kind: 'failed-write-happened', why, excuse: undefined, witnesses: unique([write, op]) }
}

function resurrected(op: Op, end: Op | undefined, write: Op | undefined): Violation {
  const why = `#${op.id} returned ${op.key} = ${show(op.value)} of a session that ${end?.kind ?? 'logout'} had ended`
  return { kind: 'resurrected', why, excuse: undefined, witnesses: unique([write, end, op]) }
}

function foreign(op: Op, write: Op | undefined): Violation {
  const owner = write ? `written by client ${write.client} as ${write.key}` : 'that nobody had written'
  const why = `#${op.id} returned ${op.key} = ${show(op.value)}, ${owner}`
  return { kind: 'foreign', why, excuse: undefined, witnesses: unique([write, op]) }
}
