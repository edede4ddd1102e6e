import type { Exchange, ExchangeHistory } from '../consistency/checker/exchanges/exchange.ts'
import type { Finding } from '../consistency/checker/exchanges/finding.ts'
import type { Op } from '../consistency/history.ts'
import type { FaultPlan, Plan } from './plan.ts'

/** A history as a person reads it: what was wrong, then everything that happened, in order. */
export function printHistory(plan: Plan, { exchanges }: ExchangeHistory, findings: readonly Finding[]): string {
  const names = new Map<string, string>()
  const name = (id: string) => {
    if (id === '') return '-'
    const known = names.get(id) ?? `s${names.size + 1}`
    names.set(id, known)
    return known
  }
  const lines = [
    ...plan.faults.map((fault) => ({ at: fault.at, text: printFault(fault) })),
    ...exchanges.map((one) => ({ at: one.invoke, text: printExchange(one, name) })),
  ].sort((a, b) => a.at - b.at)
  return [...findings.map(({ kind, why }) => `${kind}: ${why}`), ...lines.map(({ text }) => `  ${text}`)].join('\n')
}

function printFault(fault: FaultPlan): string {
  const where = 'backend' in fault ? ` b${fault.backend}` : ''
  const how =
    fault.kind === 'jump'
      ? `back by ${fault.length / 1000} s`
      : fault.kind === 'clock'
        ? `${fault.length / 1000} s off`
        : `for ${fault.length} ms`
  return `${time(fault.at)}     ${fault.kind}${where} ${how}`
}

function printExchange(one: Exchange, name: (id: string) => string): string {
  const { invoke, began, finish, id, backend, boot, sent, given, under, outcome, error } = one
  const marks = [
    one.ghost && 'ghost',
    one.stream && 'stream',
    one.behind && 'behind',
    one.stale && 'stale',
    error,
  ].filter(Boolean)
  const what = one.ops.map(printOp).join(', ')
  const arrived = Number.isFinite(began) ? (began - invoke).toFixed(0) : '-'
  const cookie = `${name(sent)} > ${name(under)}${given === under ? '' : ` (cookie ${name(given)})`}`
  const life = backend < 0 ? '' : ` b${backend}.${boot}`
  const marked = marks.length > 0 ? `  [${marks.join(', ')}]` : ''
  return `${time(invoke)} +${arrived.padStart(2)} ..${time(finish)}  #${id}${life} c${one.client}  ${what}  ${outcome}  ${cookie}${marked}`
}

function printOp({ kind, key, value, outcome }: Op): string {
  if (kind === 'login' || kind === 'logout') return kind
  const shown = value === null ? 'nothing' : String(value)
  if (kind === 'write') return `${key} = ${shown}`
  return outcome === 'ok' ? `${kind} ${key}: ${shown}` : `${kind} ${key}`
}

function time(at: number): string {
  return at.toFixed(0).padStart(7)
}
