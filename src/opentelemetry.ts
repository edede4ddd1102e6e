export { traceHops } from './opentelemetry/trace-hops.ts'
