import type { Op, Value } from '../../history.ts'
import { checkCounter } from '../counters.ts'
import { announcements } from '../epochs.ts'
import { checkRegisterWithLateReads } from '../late-reads.ts'
import type { Scope, Terms } from '../verdict.ts'
import { type Exchange, type ExchangeHistory, requestOf } from './exchange.ts'
import type { Finding } from './finding.ts'
import { push, type Tree } from './tree.ts'

/**
 * A strand is what one session went through, from its first id to its last: as far as it is certain that each login took along what was there.
 * Within a strand the rules for one key hold. Where that is not certain a strand begins anew, with unknown data in it.
 */
interface Strand {
  /** The last id first. */
  readonly ids: readonly string[]
  readonly fresh: boolean
}

export function checkStrands(
  { exchanges }: ExchangeHistory,
  tree: Tree,
  writes: ReadonlyMap<Value, Op>,
  terms: Terms | undefined,
): Finding[] {
  const under = new Map<string, Exchange[]>()
  for (const one of exchanges) if (one.under !== '') push(under, one.under, one)
  // What a cookie came from is the head of a response, whenever its operations happened.
  const byId = new Map(exchanges.flatMap(({ ops }) => ops).map((op) => [requestOf(op), { ...op, id: requestOf(op) }]))
  const scope = { byId, lossy: [], terms, former: new Map() }
  const told = new Set<string>()
  return strands([...under.keys()], tree).flatMap((strand) => {
    const found = checkStrand(strand, { tree, under, writes, scope })
    // A fork's two strands share their beginning.
    return found.filter(({ kind, why }) => !told.has(kind + why) && told.add(kind + why))
  })
}

function strands(ids: readonly string[], tree: Tree): Strand[] {
  const parents = new Map<string, string>()
  for (const id of ids) {
    const move = tree.into(id)
    if (move && tree.carries(move)) parents.set(id, move.from)
  }
  const inner = new Set(parents.values())
  return ids
    .filter((id) => !inner.has(id))
    .map((id) => {
      const line = [id]
      for (let parent = parents.get(id); parent !== undefined && !line.includes(parent); parent = parents.get(parent)) {
        line.push(parent)
      }
      return { ids: line, fresh: tree.into(line.at(-1) ?? '') === undefined }
    })
}

interface About {
  readonly tree: Tree
  readonly under: ReadonlyMap<string, readonly Exchange[]>
  readonly writes: ReadonlyMap<Value, Op>
  readonly scope: Omit<Scope, 'windows'>
}

function checkStrand({ ids, fresh }: Strand, { tree, under, writes, scope }: About): Finding[] {
  const all = ids.flatMap((id) => under.get(id) ?? [])
  const ended = Math.min(...tree.logoutsAround(ids[0] ?? '', Number.POSITIVE_INFINITY).map(({ invoke }) => invoke))
  const own = new Set(ids)
  const writerOf = (value: Value) => {
    const write = writes.get(value)
    return write && tree.byId.get(requestOf(write))
  }
  const keys = new Map<string, Op[]>()
  const adds: Op[] = []
  const windows = announcements(all.flatMap(({ ops }) => ops))
  const doubled = ids.some((id) => tree.loginsFrom(tree.into(id)?.from ?? '').length > 1)
  for (const exchange of all) {
    for (const op of exchange.ops) if (op.kind === 'add') adds.push(op)
    if (exchange.finish >= ended || isFromBehind(exchange, tree)) continue
    for (const op of exchange.ops) {
      if (op.key === '' || op.kind === 'ghost') continue
      const isOwn = op.kind !== 'read' || typeof op.value !== 'string' || own.has(writerOf(op.value)?.under ?? '')
      // What came along from before counts as what was there at first; elsewhere it is another rule's matter.
      if (isOwn) push(keys, op.key, op)
      else if (!fresh) push(keys, op.key, { ...op, value: null })
    }
  }
  return [...keys].flatMap(([key, ops]): Finding[] => {
    const mine = adds.filter((add) => add.key === key)
    if (mine.length === 0 && !ops.some((op) => typeof op.value === 'number')) {
      return checkRegisterWithLateReads(ops, writes, { ...scope, windows }).map((one) => named(one, doubled))
    }
    return fresh ? checkCounter(ops, mine, { ...scope, windows }).map((one) => named(one, doubled)) : []
  })
}

/** The session had left this id, or was about to: that nothing is there proves nothing. */
function isFromBehind({ act, sent, under, finish, ops }: Exchange, tree: Tree): boolean {
  return (
    act === 'read' &&
    sent === under &&
    ops.every(({ value }) => value === null) &&
    tree.loginsBefore(under, finish).length > 0
  )
}

function named(violation: Finding, doubled: boolean): Finding {
  const isLost = violation.kind === 'lost-write' || violation.kind === 'lost-update'
  const why = violation.why.replaceAll(/#(\d+)\.5/g, '#$1')
  return { ...violation, why, kind: doubled && isLost ? 'lost-cart' : violation.kind }
}
