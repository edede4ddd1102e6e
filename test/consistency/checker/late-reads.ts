import type { Op, Value } from '../history.ts'
import { carried } from './epochs.ts'
import { checkRegister } from './registers.ts'
import { isExcused, type Scope, type Violation } from './verdict.ts'

/**
 * The rule for one key blames the last read of a contradiction, which may be the one that tells the truth: an earlier read that could have been
 * late (no cookie told its backend of a write) had put the writes in a wrong order. What is no contradiction without such reads was late.
 */
export function checkRegisterWithLateReads(
  ops: readonly Op[],
  writes: ReadonlyMap<Value, Op>,
  scope: Scope,
): Violation[] {
  const found = checkRegister(ops, writes, scope)
  if (!scope.terms || !found.some(({ excuse }) => !isExcused(excuse, scope.terms))) return found
  const certain = ops.filter((op) => !couldBeLate(op, ops, scope))
  const left = checkRegister(certain, writes, scope).filter(({ excuse }) => !isExcused(excuse, scope.terms))
  if (left.length > 0) return [...found.filter(({ excuse }) => isExcused(excuse, scope.terms)), ...left]
  return found.map((one) => (isExcused(one.excuse, scope.terms) ? one : { ...one, excuse: { kind: 'late', after: 0 } }))
}

function couldBeLate(read: Op, ops: readonly Op[], { byId, terms }: Scope): boolean {
  if (read.kind !== 'read') return false
  return ops.some((write) => {
    if (write.kind !== 'write' || write.value === read.value || write.outcome === 'fail') return false
    // One without an answer may have happened at any time.
    const after = write.outcome === 'ok' ? read.invoke - write.finish : 0
    return after >= 0 && after <= (terms?.grace ?? 0) && !carried(read, write, byId)
  })
}
