/** The middle of many rounds, and where the middle of endless rounds lies in 19 of 20 cases. */
export interface Interval {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** So many rounds it takes for an interval of 95 %. */
export const ENOUGH = 6

/**
 * By order statistics, which assume nothing about how the rounds are spread: the k-th lowest and the k-th highest, k as high as 95 % allow
 * (the 6th of 20). With fewer rounds than `ENOUGH` it is the lowest and the highest.
 */
export function interval(values: readonly number[]): Interval {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  const k = rank(sorted.length)
  return {
    median: quantile(sorted, 0.5),
    low: sorted[k - 1] ?? Number.NaN,
    high: sorted[sorted.length - k] ?? Number.NaN,
  }
}

/** The highest k for which fewer than k of n coins show heads in at most 1 of 40 cases. */
function rank(n: number): number {
  let cumulated = 0
  let probability = 0.5 ** n
  for (let k = 0; k < n; k++) {
    cumulated += probability
    if (cumulated > 0.025) return Math.max(1, k)
    probability *= (n - k) / (k + 1)
  }
  return 1
}

function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)] ?? Number.NaN
  const above = sorted[Math.ceil(position)] ?? Number.NaN
  return below + (above - below) * (position - Math.floor(position))
}

export function median(values: readonly number[]): number {
  return interval(values).median
}

export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
