import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import type { FollowedHop } from '../ports/misdirected.ts'

const HOPS = 'limpet:hop'

/**
 * Makes an OpenTelemetry span for every request that this process passes on to its owner, and tells the owner of it
 * (`traceparent`), so that both backends are in one trace. Call it once, after your tracing is set up. Returns the
 * function that ends it.
 */
export function traceHops({ provider = trace.getTracerProvider() }: { provider?: TracerProvider } = {}): () => void {
  const tracer = provider.getTracer('limpet')
  const follow = (message: unknown) => {
    const { to, method, headers, fields, onEnd } = message as FollowedHop
    const parent = parentOf(headers)
    const attributes = { 'limpet.owner': to, ...(method !== undefined && { 'http.request.method': method }) }
    const span = tracer.startSpan('limpet forward', { kind: SpanKind.CLIENT, attributes }, parent)
    propagation.inject(trace.setSpan(parent, span), fields)
    onEnd.push(({ outcome, status }) => {
      span.setAttribute('limpet.outcome', outcome)
      if (status !== undefined) span.setAttribute('http.response.status_code', status)
      if (outcome === 'broken' || outcome === 'unreachable') span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    })
  }
  subscribe(HOPS, follow)
  return () => void unsubscribe(HOPS, follow)
}

/** With `attach`, limpet sees a request before anything has made a span of it: then the client's trace goes on. */
function parentOf(headers: FollowedHop['headers']): Context {
  const active = context.active()
  return trace.getSpan(active) ? active : propagation.extract(ROOT_CONTEXT, headers)
}
