import type { Op, Value } from '../../history.ts'
import { isExcused, type Terms } from '../verdict.ts'
import { BEYOND, type Exchange, type ExchangeHistory } from './exchange.ts'
import type { Finding } from './finding.ts'
import { checkRequests } from './requests.ts'
import { checkStrands } from './strands.ts'
import { Tree } from './tree.ts'
import { checkValues } from './values.ts'

export interface Judgement {
  readonly findings: readonly Finding[]
  /** Excused: only the store's word to the backends could have told, and it was still on its way. */
  readonly late: readonly Finding[]
}

/** Judges a history in which sessions fork, move and end while others use them. Pure, as `check` is. */
export function judge(given: ExchangeHistory, terms?: Terms): Judgement {
  const history = { ...given, exchanges: given.exchanges.map(beyondHead) }
  const tree = new Tree(history)
  const writes = new Map<Value, Op>()
  for (const { ops } of history.exchanges) for (const op of ops) if (op.kind === 'write') writes.set(op.value, op)
  const found = [
    ...checkRequests(history, tree),
    ...checkValues(history, tree, writes),
    ...checkStrands(history, tree, writes, terms),
  ]
  return {
    findings: found.filter(({ excuse }) => !isExcused(excuse, terms)),
    late: found.filter(({ excuse }) => isExcused(excuse, terms)),
  }
}

/** The cookie of a stream left before its work was done, and knows nothing of it: so its operations are none that a cookie could come from. */
function beyondHead(exchange: Exchange): Exchange {
  if (!exchange.stream) return exchange
  return { ...exchange, ops: exchange.ops.map((op) => ({ ...op, id: op.id + BEYOND })) }
}
