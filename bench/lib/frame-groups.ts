import { fileURLToPath } from 'node:url'
import type { Frame } from './cpu-profile.ts'
import { buildFolder, sourceOf } from './mapped-build.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Whose time it is: limpet, a package by name, a part of Node, or what belongs to no function. */
export function groupOf({ functionName, url }: Frame): string {
  if (url === '') return functionName
  if (url.startsWith('node:')) return nodePart(url)
  const path = pathOf(url)
  if (path.startsWith(buildFolder)) return 'limpet'
  if (path.startsWith('bench/')) return 'the route'
  return /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path
}

function nodePart(url: string): string {
  if (/_http_|internal\/http/.test(url)) return 'node: http'
  if (/crypto/.test(url)) return 'node: crypto'
  return 'node: streams, sockets, timers, events'
}

function pathOf(url: string): string {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url
  return path.startsWith(root) ? path.slice(root.length) : path
}

/** Where a frame is, for a reader: `src/core/token.ts:58` for limpet's own, else the package's or Node's file. */
export function placeOf(frame: Frame): string {
  if (frame.url === '') return ''
  const own = groupOf(frame) === 'limpet' ? sourceOf(frame.url, frame.line, frame.column) : undefined
  const file = own?.file ?? pathOf(frame.url).replace(/^node_modules\//, '')
  return frame.native ? `${file} (native, called there)` : `${file}:${own?.line ?? frame.line}`
}

export interface Line {
  readonly place: string
  readonly text: string
  readonly self: number
}

/** limpet's own lines, dearest first. */
export function limpetLines(frames: readonly Frame[]): Line[] {
  const lines = new Map<string, Line>()
  for (const frame of frames.filter((one) => groupOf(one) === 'limpet' && !one.native)) {
    for (const [number, self] of frame.lines) {
      const { file, line, text } = sourceOf(frame.url, number)
      const place = `${file}:${line}`
      lines.set(place, { place, text, self: self + (lines.get(place)?.self ?? 0) })
    }
  }
  return [...lines.values()].sort((a, b) => b.self - a.self)
}
