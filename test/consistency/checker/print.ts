import type { Fault, Op } from '../history.ts'
import { show } from './registers.ts'
import type { Violation } from './verdict.ts'

/** Milliseconds after which a fault is no longer named beside what was seen. */
const A_MOMENT = 2000

/** A violation as a person reads it: the sentence, then the operations that contradict each other, in order of sending. */
export function printViolation(violation: Violation): string {
  const { kind, why, witnesses } = violation
  const last = witnesses.at(-1)
  const where = last ? `client ${last.client}, session ${last.incarnation}${last.key ? `, key ${last.key}` : ''}` : ''
  return [`${kind} (${where})`, `  ${why}`, ...witnesses.map((op) => `    ${printOp(op)}`)].join('\n')
}

/** What was wrong, or had been a moment before, when it was seen. */
export function printFaults({ witnesses }: Violation, faults: readonly Fault[]): string {
  const seen = witnesses.at(-1)
  const near = faults.filter(({ start, end }) => seen && start <= seen.finish && end >= seen.invoke - A_MOMENT)
  return near
    .map(({ name, start, end, backend }) => {
      const where = backend === undefined ? '' : ` of backend ${backend}`
      return `    ${start.toFixed(1).padStart(12)} .. ${end.toFixed(1).padStart(9)}  ${name}${where}\n`
    })
    .join('')
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
