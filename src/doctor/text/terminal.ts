import { printed } from '../../core/printed.ts'
import type { Diagnosis, Line, Report } from '../report.ts'
import { times } from './words.ts'

export interface Style {
  /** Escape sequences for colours may be written. */
  readonly colour: boolean
  /** Characters of a line. */
  readonly columns: number
}

/** The report as text. Nothing that the site has sent gets out raw. */
export function asText(report: Report, style: Style): string {
  const parts = [
    headOf(report, style),
    table(report.exchanges),
    findingsOf(report, style),
    restOf(report),
    endOf(report, style),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function headOf({ target, backends, affinity }: Report, style: Style): string {
  const names = backends.names.map((name) => printed(name)).join(', ')
  const told = backends.source === undefined ? '' : `, told apart by ${printed(backends.source, 60)}`
  const cookies = affinity.map(({ name, product }) => `${printed(name)} (${product})`).join(', ')
  return [
    paint(style, 'bold', printed(target, 200)),
    `backends: ${names === '' ? 'nobody can tell' : names}${told}`,
    `affinity cookies: ${cookies === '' ? 'none' : cookies}`,
  ].join('\n')
}

const COLUMNS = ['', 'client', 'why', 'request', 'status', 'backend', 'brought', 'was given']

/** What was asked, and who answered. A recording may be long: its middle is left out. */
function table(lines: readonly Line[]): string {
  const rows = lines.map((line) => [
    String(line.number),
    line.client,
    printed(line.probe, 30),
    `${printed(line.method, 8)} ${pathOf(line.url)}`,
    line.status === 0 ? 'none' : String(line.status),
    printed(line.backend ?? '?', 24),
    names(line.sent),
    names(line.given),
  ])
  const shown = rows.length > MOST_ROWS ? [...rows.slice(0, MOST_ROWS - 10), ...rows.slice(-10)] : rows
  const widths = COLUMNS.map((title, at) => Math.max(title.length, ...shown.map((row) => widthOf(row[at] ?? ''))))
  const write = (row: readonly string[]) =>
    row
      .map((cell, at) => cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cell))))
      .join('  ')
      .trimEnd()
  const left = rows.length > MOST_ROWS ? [`(${rows.length - MOST_ROWS} more are in --json)`] : []
  return [write(COLUMNS), ...shown.map(write), ...left].join('\n')
}

const MOST_ROWS = 100

function names(all: readonly string[]): string {
  if (all.length === 0) return '-'
  const [first = '', ...more] = all
  return more.length > 1 ? `${printed(first, 20)} +${more.length}` : all.map((name) => printed(name, 20)).join(', ')
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return printed(pathname + search, 30)
}

function widthOf(text: string): number {
  return [...text].length
}

function findingsOf({ findings }: Report, style: Style): string {
  return findings.map((finding) => findingOf(finding, style)).join('\n\n')
}

function findingOf({ level, id, title, cause, text, repair, evidence }: Diagnosis, style: Style): string {
  const numbered = cause === undefined ? '' : ` (cause ${cause} of the article)`
  const shown = evidence.slice(0, 8).join(', ') + (evidence.length > 8 ? ' ...' : '')
  const lines = [text, ...(shown === '' ? [] : [`See ${shown}.`]), `Repair: ${repair}`]
  const heading = `${paint(style, COLOURS[level], level)}  ${title}${numbered}  [${id}]`
  return [heading, ...lines.flatMap((line) => wrap(line, style.columns - 4).map((one) => `    ${one}`))].join('\n')
}

function restOf({ notChecked }: Report): string {
  return notChecked.map(({ what, why }) => `not checked: ${what} (${printed(why, 200)})`).join('\n')
}

function endOf({ verdict, findings, incomplete }: Report, style: Style): string {
  const count = (level: string) => times(findings.filter((finding) => finding.level === level).length, level)
  const sum = `${count('error')}, ${count('warning')}, ${count('note')}`
  const early = incomplete === undefined ? '' : `\nnot all of it was checked: ${printed(incomplete, 300)}`
  const word = { healthy: 'healthy', findings: 'sessions get lost here', unknown: 'unknown' }[verdict]
  return `${paint(style, verdict === 'healthy' ? 'green' : 'red', word)}: ${sum}${early}`
}

function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= Math.max(40, columns)) {
      lines[lines.length - 1] = `${last} ${word}`
    } else lines.push(word)
  }
  return lines
}

const COLOURS = { error: 'red', warning: 'yellow', note: 'blue' } as const
const CODES = { bold: 1, red: 31, green: 32, yellow: 33, blue: 34 } as const

function paint({ colour }: Style, how: keyof typeof CODES, text: string): string {
  return colour ? `\u001b[${CODES[how]}m${text}\u001b[0m` : text
}
