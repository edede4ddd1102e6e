import type { Op } from '../history.ts'
import { show } from './registers.ts'
import type { Violation } from './verdict.ts'

/** A violation as a person reads it: the sentence, then the operations that contradict each other, in order of sending. */
export function printViolation(violation: Violation): string {
  const { kind, why, witnesses } = violation
  const last = witnesses.at(-1)
  const where = last ? `client ${last.client}, session ${last.incarnation}${last.key ? `, key ${last.key}` : ''}` : ''
  return [`${kind} (${where})`, `  ${why}`, ...witnesses.map((op) => `    ${printOp(op)}`)].join('\n')
}

export function printOp(op: Op): string {
  const times = `${op.invoke.toFixed(1).padStart(9)} .. ${op.finish.toFixed(1).padStart(9)}`
  const marks = [op.behind && 'behind', op.stale && 'stale', op.detail].filter(Boolean).join(' ')
  const cookie = op.cookieFrom < 0 ? 'no cookie' : `cookie of #${op.cookieFrom}`
  const text = `${times}  #${op.id} b${op.backend}${op.session && ` ${op.session}`} ${what(op)}  ${op.outcome}${marks && ` ${marks}`}  (${cookie})`
  return op.client < 0 ? text : `c${op.client} ${text}`
}

function what(op: Op): string {
  if (op.kind === 'logout' || op.kind === 'login') return op.kind
  if (op.kind === 'write') return `write ${op.key} = ${show(op.value)}`
  return `${op.kind} ${op.key} -> ${op.outcome === 'ok' ? show(op.value) : '?'}`
}
