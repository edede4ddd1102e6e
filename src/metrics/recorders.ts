import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { LimpetEvent } from '../ports/events.ts'

type Type = LimpetEvent['type']

/** One for each type of event: a new type does not compile until it is counted here. */
export type Recorders = { readonly [T in Type]: (event: Extract<LimpetEvent, { type: T }>) => void }

/** Labels are words out of short lists: never an id, of which there is no end. */
const COUNTERS = {
  limpet_warnings_total: ['Warnings, by code', 'code'],
  limpet_sessions_started_total: ['Sessions that began, by the reason why the client had none', 'reason'],
  limpet_sessions_behind_total: ['Times that the store was found to have lost acknowledged writes of a session'],
  limpet_writes_lost_total: ['Acknowledged writes that the store was found to have lost'],
  limpet_store_failures_total: ['Store calls that failed or were not made, by operation', 'operation'],
  limpet_adoptions_total: ['Sessions that this backend took over because their owner was gone'],
  limpet_conflicts_total: ['Requests of a drop-in that overwrote what another had changed meanwhile'],
  limpet_hops_rejected_total: ['Requests that falsely said that a peer had passed them on, by reason', 'reason'],
} as const

const GAUGES = {
  limpet_store_breaker_open: ['1 while store calls of this kind are held back', 'operations'],
  limpet_peers: ['Other backends that are there'],
  limpet_local_copies_trusted: ['1 while local copies can be used without asking the store'],
} as const

const FORWARDS = 'limpet_forward_duration_seconds'

/** Seconds. A stream is passed on for as long as it is open. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600]

export const NAMES: readonly string[] = [...Object.keys(COUNTERS), ...Object.keys(GAUGES), FORWARDS]

export function createRecorders(registry: Registry): Recorders {
  const registers = [registry]
  const counters = made(COUNTERS, (settings) => new Counter({ ...settings, registers }))
  const gauges = made(GAUGES, (settings) => new Gauge({ ...settings, registers }))
  const forwards = new Histogram({
    name: FORWARDS,
    help: 'Requests that were passed on to their owner: how long that took, to the end, by outcome',
    labelNames: ['outcome'],
    buckets: BUCKETS,
    registers,
  })
  return {
    warning: ({ code }) => counters.limpet_warnings_total.inc({ code }),
    'session-begin': ({ reason }) => counters.limpet_sessions_started_total.inc({ reason }),
    behind({ lost }) {
      counters.limpet_sessions_behind_total.inc()
      counters.limpet_writes_lost_total.inc(lost)
    },
    'store-failed': ({ operation }) => counters.limpet_store_failures_total.inc({ operation }),
    'store-breaker': ({ operations, state }) =>
      gauges.limpet_store_breaker_open.set({ operations }, state === 'open' ? 1 : 0),
    forward: ({ outcome, ms }) => forwards.observe({ outcome }, ms / 1000),
    adopt: () => counters.limpet_adoptions_total.inc(),
    conflict: () => counters.limpet_conflicts_total.inc(),
    'hop-rejected': ({ reason }) => counters.limpet_hops_rejected_total.inc({ reason }),
    backend: ({ state }) => gauges.limpet_peers.inc(state === 'up' ? 1 : -1),
    invalidation: ({ state }) => gauges.limpet_local_copies_trusted.set(state === 'up' ? 1 : 0),
  }
}

type Settings = { readonly name: string; readonly help: string; readonly labelNames: string[] }

function made<Name extends string, Metric>(
  table: Readonly<Record<Name, readonly [help: string, label?: string]>>,
  make: (settings: Settings) => Metric,
): Record<Name, Metric> {
  const entries = Object.entries<readonly [string, string?]>(table).map(([name, [help, label]]) => [
    name,
    make({ name, help, labelNames: label === undefined ? [] : [label] }),
  ])
  return Object.fromEntries(entries)
}
