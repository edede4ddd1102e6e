import type { Op } from '../history.ts'
import { violation } from './story.ts'
import type { Violation } from './verdict.ts'

/**
 * A session that nobody ended goes on under its id. Which id a response was answered under, the library itself says; a request
 * whose cookie was set under one id and which is answered under another has lost its session.
 */
export function checkSessions(ops: readonly Op[]): Violation[] {
  const byId = new Map(ops.map((op) => [op.id, op]))
  const ends = new Map<string, Op[]>()
  for (const op of ops) {
    if (op.kind !== 'login' && op.kind !== 'logout') continue
    const session = sessionOf(op)
    ends.set(session, [...(ends.get(session) ?? []), op])
  }
  const told = new Set<string>()
  return [...byId.values()].flatMap((op) => {
    const source = byId.get(op.cookieFrom)
    if (!source?.session || !op.session || op.session === source.session || op.kind === 'ghost') return []
    // One that ends by itself is judged by its times.
    if (op.idle !== undefined) return []
    const session = sessionOf(op)
    if (told.has(session) || ends.get(session)?.some((end) => end.invoke <= op.finish)) return []
    // A slow response from before the end came after it: the cookie is of a session that has ended.
    const isOfEnded = (one: Op) =>
      ends.get(sessionOf(one))?.some((end) => end.id !== one.id && end.invoke <= one.finish)
    if (lineage(source, byId).some(isOfEnded)) return []
    told.add(session)
    const why = `#${op.id} was answered as session ${op.session}, its cookie was of ${source.session}, and nobody had ended that`
    return [violation('session-lost', why, [source, op])]
  })
}

/** The requests whose cookies led to this one, itself first, as far back as the server calls it one session. */
export function lineage(op: Op, byId: ReadonlyMap<number, Op>): Op[] {
  const found = [op]
  for (let one = byId.get(op.cookieFrom); one?.session === op.session; one = byId.get(one.cookieFrom)) found.push(one)
  return found
}

/** Whose requests tell of one session, or of one story. */
export function sessionOf(op: Op): string {
  return op.story === undefined ? `${op.client}.${op.incarnation}` : `story ${op.story}`
}
