import { type Fault, type History, type Op, settled, type Value } from '../history.ts'
import { checkCounter } from './counters.ts'
import { announcements } from './epochs.ts'
import { checkRegisterWithLateReads } from './late-reads.ts'
import { checkOrigins } from './origins.ts'
import { checkOutages } from './outages.ts'
import { checkSessions, sessionOf } from './sessions.ts'
import { checkStories } from './stories.ts'
import {
  type Excuse,
  type FormerAdds,
  isExcused,
  type Report,
  type Scope,
  type Terms,
  type Violation,
} from './verdict.ts'

/**
 * Judges a history. Pure: it knows the operations and their times, and nothing about the library that served them. Without `terms`, nothing is
 * excused.
 */
export function check(history: History, terms?: Terms): Report {
  const { faults } = history
  const lossy = faults.filter((fault) => fault.lossy)
  const stories = checkStories(history.ops, lossy, terms)
  // In a story sessions fork; here each client has one at a time.
  const ops = history.ops.filter((op) => op.story === undefined)
  const writes = new Map<Value, Op>()
  for (const op of ops) if (op.kind === 'write') writes.set(op.value, op)
  const origins = checkOrigins(ops, writes, lossy)
  const found: Violation[] = [
    ...origins.violations,
    ...falseAnnouncements(history.ops, lossy),
    ...checkSessions(history.ops),
    ...checkOutages(history),
    ...stories.violations,
  ]
  for (const client of groups(ops, (op) => String(op.client)))
    found.push(...checkClient(client, writes, { lossy, terms }))
  const excused = (kind: Excuse['kind']) =>
    found.filter(({ excuse }) => excuse?.kind === kind && isExcused(excuse, terms))
  const requests = [...new Map(history.ops.map((op) => [op.id, op])).values()]
  const count = (outcome: Op['outcome']) => requests.filter((op) => op.outcome === outcome).length
  return {
    requests: requests.length,
    ok: count('ok'),
    failed: count('fail'),
    unknown: count('unknown'),
    violations: once(found.filter(({ excuse }) => !isExcused(excuse, terms))),
    late: once(excused('late')),
    untold: excused('untold'),
    announcedBehind: requests.filter((op) => op.behind).length,
    announcedStale: requests.filter((op) => op.stale && op.outcome === 'ok').length,
    undoneLogouts: origins.undoneLogouts,
    dropped: stories.dropped,
  }
}

function checkClient(
  ops: readonly Op[],
  writes: ReadonlyMap<Value, Op>,
  about: Pick<Scope, 'lossy' | 'terms'>,
): Violation[] {
  const former = new Map<string, FormerAdds[]>()
  return groups(ops, (op) => String(op.incarnation)).flatMap((session) => {
    const ended = endOf(session)
    const left = Math.min(ended, ...session.filter(({ kind }) => kind === 'login').map(({ invoke }) => invoke))
    const found = checkSession(session, writes, ended, { ...about, former })
    const adds = session.filter((op) => op.kind === 'add' && op.outcome !== 'fail')
    for (const own of groups(adds, (op) => op.key)) {
      const key = own[0]?.key ?? ''
      const underWay = own.filter((op) => settled(op) >= ended).length
      former.set(key, [...(former.get(key) ?? []), { left, all: own.length, underWay }])
    }
    return found
  })
}

/**
 * From the moment a logout was under way the session may be gone at any time, and its absence proves nothing. So it is when the store could not
 * be told: the backend that was asked serves nothing of it any more, and tells the store when it can.
 */
function endOf(session: readonly Op[]): number {
  const logouts = session.filter((op) => op.kind === 'logout' && (op.outcome !== 'fail' || op.boot !== undefined))
  return Math.min(Number.POSITIVE_INFINITY, ...logouts.map((op) => op.invoke))
}

function checkSession(
  all: readonly Op[],
  writes: ReadonlyMap<Value, Op>,
  ended: number,
  about: Pick<Scope, 'lossy' | 'terms' | 'former'>,
): Violation[] {
  const ops = all.filter((op) => op.finish < ended && op.kind !== 'ghost')
  const scope = { ...about, byId: new Map(all.map((op) => [op.id, op])), windows: announcements(all) }
  const adds = all.filter((op) => op.kind === 'add')
  return groups(
    ops.filter((op) => op.key !== ''),
    (op) => op.key,
  ).flatMap((one) => {
    const own = adds.filter((add) => add.key === one[0]?.key)
    return own.length > 0 ? checkCounter(one, own, scope) : checkRegisterWithLateReads(one, writes, scope)
  })
}

/** Only a fault that can lose data, and that the session has lived to see, makes a loss believable. Without this, saying `behind` always would pass. */
function falseAnnouncements(ops: readonly Op[], lossy: readonly Fault[]): Violation[] {
  const began = new Map<string, number>()
  for (const op of ops) began.set(sessionOf(op), Math.min(op.invoke, began.get(sessionOf(op)) ?? op.invoke))
  const byId = new Map(ops.map((op) => [op.id, op]))
  // A slow response from before a logout may have brought the cookie of the session that had ended: that one is spoken of.
  const since = (op: Op) => {
    const source = byId.get(op.cookieFrom)
    return Math.min(...[op, source].flatMap((one) => (one && began.get(sessionOf(one))) ?? []))
  }
  return ops
    .filter((op) => op.behind)
    .filter((op) => !lossy.some(({ start, end }) => start < op.finish && end >= since(op)))
    .map((op) => ({
      kind: 'false-announcement',
      why: `#${op.id} said that acknowledged writes were lost, and nothing had happened that could lose any`,
      excuse: undefined,
      witnesses: [op],
    }))
}

/** A session that came back is one violation, whichever of its keys show it; so is what is wrong in a story. */
function once(violations: readonly Violation[]): Violation[] {
  const told = new Set<string>()
  const sorted = [...violations].sort((a, b) => lastInvoke(a) - lastInvoke(b))
  return sorted.filter(({ kind, witnesses }) => {
    const shown = witnesses.at(-1)
    if (!shown || !(kind === 'resurrected' || shown.story !== undefined)) return true
    const session = `${kind} ${shown.client}.${shown.incarnation}.${shown.kind === 'ghost'}`
    if (told.has(session)) return false
    told.add(session)
    return true
  })
}

function groups(ops: readonly Op[], by: (op: Op) => string): Op[][] {
  const map = new Map<string, Op[]>()
  for (const op of ops) {
    const key = by(op)
    const list = map.get(key)
    if (list) list.push(op)
    else map.set(key, [op])
  }
  return [...map.values()]
}

function lastInvoke(violation: Violation): number {
  return Math.max(...violation.witnesses.map((op) => op.invoke))
}
