import type { History, Op } from './history.ts'

/**
 * Milliseconds until the client had its answer, whatever it was, or gave up: half of the requests took no longer, and 99 of 100. What the client
 * had asked for (a slow handler, a late response) is no time of the library's.
 */
export function timesToAnswer({ ops }: History): { median: number; p99: number } {
  const times = requests(ops)
    .filter((op) => !op.lost)
    .map((op) => op.finish - op.invoke - (op.waited ?? 0))
    .sort((a, b) => a - b)
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** Reads that were sent and answered while Redis refused writes, and how many of them with success: Redis answers them all. */
export function readsWhileReadOnly({ ops, faults }: History): { ok: number; all: number } {
  const times = faults.filter(({ name }) => name === 'readonly')
  const reads = requests(ops).filter((op) => {
    return op.kind === 'read' && times.some(({ start, end }) => start <= op.invoke && op.finish <= end)
  })
  return { ok: reads.filter(({ outcome }) => outcome === 'ok').length, all: reads.length }
}

function requests(ops: readonly Op[]): Op[] {
  return [...new Map(ops.map((op) => [op.id, op])).values()]
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}
