import { checks } from './checks/index.ts'
import type { Finding, FindingId } from './findings.ts'
import { answered, kept, type Observations } from './observations.ts'
import type { Observed } from './prober/observe.ts'
import type { NotChecked } from './prober/visit.ts'
import { explain } from './text/sentences.ts'
import { affinityCookies } from './wire/affinity.ts'
import { identify } from './wire/backends.ts'

/** A finding with its words. */
export interface Diagnosis extends Finding {
  /** The number of the cause in the article that limpet answers; undefined: it has none. */
  readonly cause: number | undefined
  readonly title: string
  readonly text: string
  readonly repair: string
}

/** One line of the table. Cookies are named without their values, since those let somebody into a session. */
export interface Line {
  readonly number: number
  readonly probe: string
  readonly client: string
  readonly method: string
  readonly url: string
  readonly status: number
  /** Milliseconds since the first request. */
  readonly at: number
  /** Milliseconds until the answer's head. */
  readonly took: number
  /** Who answered; undefined: the answer does not tell. */
  readonly backend: string | undefined
  readonly sent: readonly string[]
  readonly given: readonly string[]
  readonly failure: string | undefined
}

export interface Report {
  /** The page, or the file of a recording. */
  readonly target: string
  readonly from: Observations['from']
  /** `healthy`: no error was found. `findings`: at least one was. `unknown`: it could not be checked to the end. */
  readonly verdict: 'healthy' | 'findings' | 'unknown'
  readonly findings: readonly Diagnosis[]
  /** What tells the backends apart (undefined: nothing), and those that were seen. */
  readonly backends: { readonly source: string | undefined; readonly names: readonly string[] }
  readonly affinity: readonly { readonly name: string; readonly product: string }[]
  readonly exchanges: readonly Line[]
  readonly notChecked: readonly NotChecked[]
  /** Why the examination ended early; undefined: it did not. */
  readonly incomplete: string | undefined
}

const LEVELS = ['error', 'warning', 'note']

/** All findings, errors first; within a level in the order of the checks. */
export function findingsIn(seen: Observations): readonly Finding[] {
  const found = (Object.keys(checks) as FindingId[]).flatMap((id) => checks[id](seen))
  const sorted = found.map((finding) => ({ ...finding, evidence: finding.evidence.toSorted((a, b) => a - b) }))
  return sorted.toSorted((one, other) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level))
}

/** Judges what was seen. Pure. */
export function judge(target: string, { observations, notChecked, incomplete }: Observed): Report {
  const findings = findingsIn(observations)
  const unknown = incomplete !== undefined || answered(observations).length === 0
  const hasErrors = findings.some(({ level }) => level === 'error')
  return {
    target,
    from: observations.from,
    verdict: hasErrors ? 'findings' : unknown ? 'unknown' : 'healthy',
    findings: findings.map((finding) => ({ ...finding, ...explain(finding) })),
    backends: backendsIn(observations),
    affinity: affinityCookies(observations).map(({ name, product }) => ({ name, product })),
    exchanges: linesOf(observations),
    notChecked,
    incomplete,
  }
}

function backendsIn(seen: Observations): Report['backends'] {
  const { source, only, of } = identify(seen)
  const names = answered(seen).flatMap((exchange) => of(exchange) ?? [])
  return { source, names: only === undefined ? [...new Set(names)].sort() : [only] }
}

function linesOf(seen: Observations): readonly Line[] {
  const { of, only } = identify(seen)
  const affinity = affinityCookies(seen).map(({ name }) => name)
  // Those that decide come first: a table has room for one or two.
  const named = (cookies: readonly { readonly name: string }[]) => {
    const names = [...new Set(cookies.map(({ name }) => name))]
    return names.toSorted((one, other) => Number(affinity.includes(other)) - Number(affinity.includes(one)))
  }
  const began = seen.exchanges[0]?.at ?? 0
  return seen.exchanges.map((exchange) => ({
    number: exchange.number,
    probe: exchange.probe,
    client: exchange.client,
    method: exchange.method,
    url: exchange.url,
    status: exchange.status,
    at: exchange.at - began,
    took: exchange.took,
    backend: of(exchange) ?? only,
    sent: named(exchange.sent),
    given: named(kept(exchange)),
    failure: exchange.failure,
  }))
}
