import { kinds, type Report } from './checker/verdict.ts'
import { isLimpet } from './driver/fleet.ts'
import type { RunResult } from './driver/run.ts'
import { readsWhileReadOnly, timesToAnswer } from './figures.ts'

/** The figures of all runs side by side: one row per figure, one column per target. */
export function table(results: readonly RunResult[], markdown: boolean): string {
  const head = ['', ...results.map(({ target }) => target)]
  const rows = [head, ...figures.map(([name, of]) => [name, ...results.map((result) => of(result))])]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, column > 0)))
  if (!markdown) return lines.map((cells) => cells.join('  ').trimEnd()).join('\n')
  const rule = widths.map((width, column) => (column > 0 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [lines[0] ?? [], rule, ...lines.slice(1)].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

type Figure = readonly [name: string, of: (result: RunResult) => string]

const figures: readonly Figure[] = [
  ['requests', ({ report }) => String(report.requests)],
  ['answered with success', ({ report }) => `${report.ok} (${percent(report.ok, report.requests)})`],
  ['time to answer, median, ms', ({ history }) => timesToAnswer(history).median.toFixed(1)],
  ['time to answer, p99, ms', ({ history }) => timesToAnswer(history).p99.toFixed(0)],
  ['reads answered while Redis refuses writes', readsAnswered],
  ['failed, known not to have happened', ({ report }) => String(report.failed)],
  ['failed, outcome unknown', ({ report }) => String(report.unknown)],
  ['faults', ({ history }) => String(history.faults.length)],
  ...kinds.map(
    (kind): Figure => [kind, ({ report }) => String(report.violations.filter((one) => one.kind === kind).length)],
  ),
  ['violations, all', ({ report }) => String(report.violations.length)],
  ['seen late, cookie could not know', ofLimpet(({ late }) => String(late.length))],
  ['the latest of these, ms', ofLimpet(latest)],
  ['lost in a fault, cookie could not know', ofLimpet(({ untold }) => String(untold.length))],
  ['announced: behind', ({ report }) => String(report.announcedBehind)],
  ['announced: stale', ({ report }) => String(report.announcedStale)],
  ['logouts undone by a lossy fault', ({ report }) => String(report.undoneLogouts)],
  ['first writes whose cookie was dropped', ({ report }) => String(report.dropped)],
]

/** The others' cookies never know, so for them these are violations like all. */
function ofLimpet(figure: (report: Report) => string): Figure[1] {
  return ({ target, report }) => (isLimpet(target) ? figure(report) : '-')
}

function readsAnswered({ history }: RunResult): string {
  const { ok, all } = readsWhileReadOnly(history)
  return all === 0 ? '-' : percent(ok, all)
}

function latest({ late }: Report): string {
  return String(Math.round(Math.max(0, ...late.map(({ excuse }) => (excuse?.kind === 'late' ? excuse.after : 0)))))
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : ((100 * part) / whole).toFixed(1)}%`
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width)
}
