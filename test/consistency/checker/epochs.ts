import type { Op } from '../history.ts'
import type { Excuse, Scope, Window } from './verdict.ts'

/**
 * The announcements of one session, as merged intervals. A response that says `behind` tells its client that the store
 * went back to some earlier state at some time before the response was complete. Which of the operations that overlap it
 * came before and which after cannot be known, so they bind nothing; those before it bind nothing after it.
 */
export function announcements(ops: readonly Op[]): Window[] {
  const flagged = ops.filter((op) => op.behind).sort((a, b) => a.invoke - b.invoke)
  const merged: { start: number; end: number }[] = []
  for (const op of flagged) {
    const last = merged.at(-1)
    if (last && op.invoke <= last.end) last.end = Math.max(last.end, op.finish)
    else merged.push({ start: op.invoke, end: op.finish })
  }
  return merged
}

/** The end of the newest announcement before this operation, or `undefined` when the operation overlaps one. */
export function epochOf(op: Op, windows: readonly Window[]): number | undefined {
  let since = Number.NEGATIVE_INFINITY
  for (const window of windows) {
    if (window.start > op.finish) break
    if (window.end >= op.invoke) return undefined
    since = window.end
  }
  return since
}

/**
 * Did the cookie of `later` know of `earlier`, which had been answered before `later` was sent? The chain of cookies is
 * followed back: each was set by the response to some request. A request sent before `earlier` was answered may have been
 * served before it, and the cookie it brought then knows nothing of it.
 */
export function carried(later: Op, earlier: Op, byId: ReadonlyMap<number, Op>): boolean {
  let source = byId.get(later.cookieFrom)
  while (source) {
    if (source.id === earlier.id) return source.streamed !== true
    if (source.invoke <= earlier.finish) return false
    source = byId.get(source.cookieFrom)
  }
  return false
}

/** For a loss that the cookie did not know of: was there a fault in between that loses data? */
export function lossExcuse(earlier: Op, later: Op, scope: Scope): Excuse | undefined {
  const lossy = scope.lossy.some((fault) => fault.start <= later.finish && fault.end >= earlier.invoke)
  return lossy ? { kind: 'untold' } : undefined
}
