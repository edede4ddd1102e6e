import type { ExchangeHistory } from '../consistency/checker/exchanges/exchange.ts'
import type { FindingKind } from '../consistency/checker/exchanges/finding.ts'
import type { Judgement } from '../consistency/checker/exchanges/judge.ts'

/** How many histories of one kind are named. */
const NAMED = 10

/** What was found of one kind. */
export interface Found {
  readonly kind: FindingKind
  /** In how many histories. */
  readonly count: number
  /** The numbers of the first of them. */
  readonly numbers: readonly [number, ...number[]]
}

/** What there is to say of some histories. */
export interface Summary {
  readonly histories: number
  readonly requests: number
  readonly operations: number
  /** The fewest of a history. */
  readonly least: number
  readonly late: number
  /** The same for the same histories, in whatever order they were played: when, where and how each request was answered. */
  readonly fingerprint: number
  readonly found: readonly Found[]
}

export const NONE: Summary = {
  histories: 0,
  requests: 0,
  operations: 0,
  least: Number.POSITIVE_INFINITY,
  late: 0,
  fingerprint: 0,
  found: [],
}

export function summaryOf(number: number, { exchanges }: ExchangeHistory, { findings, late }: Judgement): Summary {
  let operations = 0
  let print = number
  for (const { ops, finish, under, outcome, boot } of exchanges) {
    operations += ops.length
    const words = (finish * 1e5) ^ (under.charCodeAt(2) << 16) ^ (outcome.charCodeAt(0) << 8) ^ boot
    print = Math.imul(print ^ words, 0x01000193) ^ (print >>> 13)
  }
  return {
    histories: 1,
    requests: exchanges.length,
    operations,
    least: operations,
    late: late.length,
    fingerprint: print >>> 0,
    found: [...new Set(findings.map(({ kind }) => kind))].map((kind) => ({ kind, count: 1, numbers: [number] })),
  }
}

/** Of both. The order does not matter. */
export function merged(one: Summary, other: Summary): Summary {
  return {
    histories: one.histories + other.histories,
    requests: one.requests + other.requests,
    operations: one.operations + other.operations,
    least: Math.min(one.least, other.least),
    late: one.late + other.late,
    fingerprint: (one.fingerprint + other.fingerprint) >>> 0,
    found: one.found.length + other.found.length === 0 ? [] : mergedFound([...one.found, ...other.found]),
  }
}

function mergedFound(all: readonly Found[]): Found[] {
  const byKind = new Map<FindingKind, Found>()
  for (const one of all) {
    const known = byKind.get(one.kind)
    byKind.set(one.kind, known ? both(known, one) : one)
  }
  return [...byKind.values()].sort((a, b) => a.numbers[0] - b.numbers[0] || (a.kind < b.kind ? -1 : 1))
}

function both({ kind, count, numbers }: Found, other: Found): Found {
  const [first = 0, ...rest] = [...numbers, ...other.numbers].sort((a, b) => a - b).slice(0, NAMED)
  return { kind, count: count + other.count, numbers: [first, ...rest] }
}
