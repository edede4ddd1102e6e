import type { Finding } from '../findings.ts'

export type Args = Finding['args']

/** What is said of a finding. */
export interface Words {
  /** The number of the cause in the article. */
  readonly cause?: number
  readonly title: string
  readonly text: (args: Args) => string
  readonly repair: string
}

export function list(value: Args[string] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : String(value ?? '')
}

export function seconds(value: Args[string] | undefined): string {
  const count = Number(value)
  if (count >= 7200) return `${Math.round(count / 3600)} hours`
  return count >= 120 ? `${Math.round(count / 60)} minutes` : times(count, 'second')
}

/** "1 time", "3 times". */
export function times(value: Args[string] | undefined, what = 'time'): string {
  return `${value} ${what}${value === 1 ? '' : 's'}`
}
