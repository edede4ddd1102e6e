import type { Frame } from './cpu-profile.ts'
import { groupOf, limpetLines, placeOf } from './frame-groups.ts'
import { table } from './table.ts'

function sums(frames: readonly Frame[], key: (frame: Frame) => string): Map<string, number> {
  const all = new Map<string, number>()
  for (const frame of frames) all.set(key(frame), (all.get(key(frame)) ?? 0) + frame.self)
  return new Map([...all].sort(([, a], [, b]) => b - a))
}

const us = (value: number | undefined) => (value ?? 0).toFixed(2)

function groupTable(name: string, frames: readonly Frame[], bareName: string, bare: readonly Frame[]): string {
  const [own, theirs] = [sums(frames, groupOf), sums(bare, groupOf)]
  const groups = [...new Set([...own.keys(), ...theirs.keys()])].filter((group) => group !== '(idle)')
  const total = (of: Map<string, number>) => groups.reduce((sum, group) => sum + (of.get(group) ?? 0), 0)
  const rows = groups.map((group) => [group, own.get(group) ?? 0, theirs.get(group) ?? 0] as const)
  const all = [...rows, ['all', total(own), total(theirs)] as const]
  const cells = all.map(([group, a, b]) => [group, us(a), us(b), us(a - b)])
  return table(['us per request, self time', name, bareName, 'more'], cells)
}

function functionTable(title: string, frames: readonly Frame[], top: number): string {
  const functions = [...sums(frames, (frame) => `${frame.functionName}  ${placeOf(frame)}`)].slice(0, top)
  return table(
    [title, 'us per request'],
    functions.map(([name, self]) => [name, us(self)]),
  )
}

/** Three tables of one subject: whose time it is, limpet's functions and lines, and what else is dear. */
export function profileReport(
  name: string,
  frames: readonly Frame[],
  bareName: string,
  bare: readonly Frame[],
  top: number,
): string {
  const own = frames.filter((frame) => groupOf(frame) === 'limpet')
  const rest = frames.filter((frame) => groupOf(frame) !== 'limpet' && groupOf(frame) !== '(idle)')
  const lines = limpetLines(frames).slice(0, top)
  return [
    groupTable(name, frames, bareName, bare),
    functionTable("limpet's functions", own, top),
    table(
      ["limpet's lines", 'us per request'],
      lines.map(({ place, text, self }) => [`${place}  ${text}`, us(self)]),
    ),
    functionTable('other functions', rest, top),
  ].join('\n\n')
}
