import { type Fault, type Op, settled } from '../history.ts'
import type { Terms, Violation, ViolationKind } from './verdict.ts'

/** The requests of one story, and which of them set the cookies of which others. */
export class Story {
  readonly ops: readonly Op[]
  readonly terms: Terms | undefined
  readonly #lossy: readonly Fault[]
  readonly #byId: ReadonlyMap<number, readonly Op[]>

  constructor(ops: readonly Op[], lossy: readonly Fault[], terms: Terms | undefined) {
    this.ops = ops
    this.terms = terms
    this.#lossy = lossy
    const byId = new Map<number, Op[]>()
    for (const op of ops) byId.set(op.id, [...(byId.get(op.id) ?? []), op])
    this.#byId = byId
  }

  of(kind: Op['kind']): Op[] {
    return this.ops.filter((op) => op.kind === kind)
  }

  /** What showed a value or nothing, and meant it. */
  shown(): Op[] {
    return this.ops.filter((op) => (op.kind === 'read' || op.kind === 'ghost') && op.outcome === 'ok')
  }

  /** Everything that the request did which set this operation's cookie: nothing when there was no cookie, or it came from another story. */
  source(op: Op): readonly Op[] {
    return this.#byId.get(op.cookieFrom) ?? []
  }

  /** The operations whose cookies led to this one's, the nearest first. */
  chain(op: Op): Op[] {
    const found: Op[] = []
    for (let source = this.source(op); source[0]; source = this.source(source[0])) found.push(...source)
    return found
  }

  /** The request that began the session: one without a cookie, or the logout that ended the session before. */
  root(op: Op): number {
    let current = op
    for (;;) {
      const source = this.source(current)
      if (!source[0]) return current.id
      if (source[0].kind === 'logout' && source[0].outcome === 'ok') return source[0].id
      current = source[0]
    }
  }

  /** The request that wrote what is shown. */
  writeOf(shown: Op): Op | undefined {
    return this.ops.find((op) => op.kind === 'write' && op.key === shown.key && op.value === shown.value)
  }

  /** A fault that loses data lay between the two. */
  lostBetween(earlier: Op, later: Op): boolean {
    return this.#lossy.some((fault) => fault.start <= later.finish && fault.end >= earlier.invoke)
  }
}

export function overlap(a: Op, b: Op): boolean {
  return a.invoke <= b.finish && b.invoke <= a.finish
}

/** Acknowledged before the other was sent. */
export function precedes(a: Op, b: Op): boolean {
  return settled(a) < b.invoke
}

export function violation(
  kind: ViolationKind,
  why: string,
  witnesses: readonly (Op | undefined)[],
  excuse?: Violation['excuse'],
): Violation {
  const present = [...new Set(witnesses.filter((op) => op !== undefined))].sort((a, b) => a.invoke - b.invoke)
  return { kind, why, excuse, witnesses: present }
}
