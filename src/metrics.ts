export { collectMetrics, type MetricsOptions } from './metrics/collect.ts'
