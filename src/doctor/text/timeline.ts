import type { Line, Report } from '../report.ts'
import { escaped } from './html.ts'

/** All in CSS pixels. */
const STEP = 26
const LANE = 34
const TOP = 24
const LEFT = 14
const LABELS = 40

/** More would be no picture. */
const MOST = 300

/** One lane for each backend; each request is a mark in the lane of whoever answered, and a line joins those of a client. */
export function timeline(report: Report): string {
  const lines = report.exchanges.slice(0, MOST)
  const lanes = lanesOf(lines)
  const width = 2 * LEFT + STEP * lines.length
  const height = TOP + LANE * lanes.length + LABELS
  const bad = new Set(report.findings.filter(({ level }) => level === 'error').flatMap(({ evidence }) => evidence))
  const y = (line: Line) => TOP + LANE * (lanes.indexOf(laneOf(line)) + 0.5)
  const x = (line: Line) => LEFT + STEP * (lines.indexOf(line) + 0.5)
  const rules = lanes.map((_, at) => {
    const level = TOP + LANE * (at + 0.5)
    return `<line class="rule" x1="0" x2="${width}" y1="${level}" y2="${level}"/>`
  })
  const marks = lines.map((line) => mark(line, x(line), y(line), bad.has(line.number)))
  const numbers = lines
    .filter(({ number }) => number === 1 || number % 5 === 0)
    .map((line) => `<text class="number" x="${x(line)}" y="14" text-anchor="middle">${line.number}</text>`)
  const all = [...rules, ...ticks(lines, height), ...joins(lines, x, y), ...marks, ...numbers, ...labels(lines, height)]
  const names = lanes.map((name) => `<span>${escaped(name, 24)}</span>`).join('')
  return `<figure class="timeline" aria-label="Which backend answered each request">
<div class="lanes" aria-hidden="true">${names}</div>
<div class="scroll" tabindex="0" role="region" aria-label="Timeline, can be scrolled">
<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The table below has the same in words">
${all.join('\n')}
</svg></div></figure>`
}

const UNKNOWN = 'not told'

function laneOf({ backend, status }: Line): string {
  return status === 0 ? 'no answer' : (backend ?? UNKNOWN)
}

function lanesOf(lines: readonly Line[]): readonly string[] {
  const names = [...new Set(lines.map(laneOf))].sort()
  return [...names.filter((name) => name !== UNKNOWN), ...names.filter((name) => name === UNKNOWN)]
}

/** From each request of a client to its next; red where it changed lanes although it brought a cookie. */
function joins(lines: readonly Line[], x: (line: Line) => number, y: (line: Line) => number): readonly string[] {
  const last = new Map<string, Line>()
  return lines.flatMap((line) => {
    const before = last.get(line.client)
    last.set(line.client, line)
    if (!before) return []
    const moved = before.backend !== undefined && line.backend !== undefined && before.backend !== line.backend
    const kind = moved && line.sent.length > 0 ? 'join moved' : 'join'
    return [`<line class="${kind}" x1="${x(before)}" y1="${y(before)}" x2="${x(line)}" y2="${y(line)}"/>`]
  })
}

function mark(line: Line, x: number, y: number, bad: boolean): string {
  const kind = line.status >= 400 || line.status === 0 ? 'failed' : line.status >= 300 ? 'redirect' : 'good'
  const title = `${line.number}. ${line.method} ${line.url}: ${line.status || (line.failure ?? '')}, ${laneOf(line)}`
  const shape = {
    good: `<circle cx="${x}" cy="${y}" r="6"/>`,
    redirect: `<path d="M${x} ${y - 8}l8 8l-8 8l-8 -8z"/>`,
    failed: `<rect x="${x - 6}" y="${y - 6}" width="12" height="12"/>`,
  }[kind]
  const given = line.given.length > 0 ? ' given' : ''
  const ring = bad ? `<circle class="ring" cx="${x}" cy="${y}" r="11"/>` : ''
  return `<g class="mark ${kind}${given}"><title>${escaped(title)}</title>${shape}${ring}</g>`
}

interface Part {
  readonly probe: string
  readonly x: number
  /** Where its label stands: on two rows in turn, so that none covers the next. */
  readonly level: number
}

function parts(lines: readonly Line[], height: number): readonly Part[] {
  const begins = lines.filter((line, at) => lines[at - 1]?.probe !== line.probe)
  return begins.map((line, at) => ({
    probe: line.probe.replace('redirect, its cookie ', ''),
    x: LEFT + STEP * lines.indexOf(line),
    level: height - LABELS + 16 + (at % 2) * 16,
  }))
}

function ticks(lines: readonly Line[], height: number): readonly string[] {
  return parts(lines, height).map(
    ({ x, level }) => `<line class="tick" x1="${x}" x2="${x}" y1="${TOP}" y2="${level}"/>`,
  )
}

function labels(lines: readonly Line[], height: number): readonly string[] {
  return parts(lines, height).map(
    ({ probe, x, level }) => `<text x="${x + 4}" y="${level}">${escaped(probe, 20)}</text>`,
  )
}
