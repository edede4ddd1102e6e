import { channel } from 'node:diagnostics_channel'
import { type Registry, register } from 'prom-client'
import { LimpetError } from '../core/errors.ts'
import type { LimpetEvent } from '../ports/events.ts'
import { createRecorders, NAMES } from './recorders.ts'

export interface MetricsOptions {
  /** Where the metrics are registered. Default: the registry that prom-client calls `register`. */
  readonly registry?: Registry | undefined
}

/**
 * Counts everything that limpet publishes on `node:diagnostics_channel` in this process, as Prometheus metrics whose
 * names begin with `limpet_`. Call it before `sticky()`, so that no event is missed. Returns the function that ends it
 * and removes the metrics.
 *
 * @example
 * ```ts
 * collectMetrics()
 * app.get('/metrics', async (_req, res) => res.type(register.contentType).send(await register.metrics()))
 * ```
 *
 * @throws `ERR_LIMPET_OPTIONS` when the registry has such metrics already.
 */
export function collectMetrics({ registry = register }: MetricsOptions = {}): () => void {
  if (typeof registry?.getSingleMetric !== 'function') throw noRegistry()
  if (NAMES.some((name) => registry.getSingleMetric(name))) throw twice()
  const subscriptions = Object.entries(createRecorders(registry)).map(([type, record]) => {
    const listener = (event: unknown) => record(event as never)
    const published = channel(`limpet:${type satisfies string as LimpetEvent['type']}`)
    published.subscribe(listener)
    return () => published.unsubscribe(listener)
  })
  return () => {
    for (const end of subscriptions) end()
    for (const name of NAMES) registry.removeSingleMetric(name)
  }
}

function noRegistry(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_OPTIONS',
    'collectMetrics() takes { registry }, a Registry of prom-client; without it, the metrics go to the one that prom-client calls `register`',
  )
}

function twice(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_OPTIONS',
    'collectMetrics() was called already with this registry, and every event would be counted twice: call it once in a process, or give it a registry of its own',
  )
}
