import { readFileSync } from 'node:fs'

interface ProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    readonly lineNumber: number
    readonly columnNumber: number
  }
  readonly children?: readonly number[]
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[]
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly startTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** One function on one call path, with the time spent in itself. */
export interface Frame {
  readonly functionName: string
  /** Of the file it is in; of its nearest caller with a file for what V8 and C++ do on a function's behalf. */
  readonly url: string
  /** Not itself in a file: called from `url`. */
  readonly native: boolean
  /** Counted from 1; 0 for a native one. */
  readonly line: number
  readonly column: number
  /** Microseconds. */
  readonly self: number
  /** Microseconds by line of `url`. */
  readonly lines: ReadonlyMap<number, number>
}

/**
 * The frames of a .cpuprofile between two points of the monotonic clock (microseconds, as process.hrtime counts), so that
 * start-up and warm-up are left out.
 */
export function framesBetween(file: string, from: number, to: number): Frame[] {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
  const self = new Map<number, number>()
  let now = profile.startTime
  profile.samples.forEach((id, i) => {
    const delta = profile.timeDeltas[i] ?? 0
    now += delta
    if (now >= from && now <= to) self.set(id, (self.get(id) ?? 0) + delta)
  })
  const parents = new Map<number, ProfileNode>()
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node)
  return profile.nodes.flatMap((node) => {
    const time = self.get(node.id) ?? 0
    return time > 0 ? [frameOf(node, time, parents)] : []
  })
}

function frameOf(node: ProfileNode, self: number, parents: ReadonlyMap<number, ProfileNode>): Frame {
  const native = node.callFrame.url === ''
  let owner: ProfileNode | undefined = node
  while (owner && owner.callFrame.url === '') owner = parents.get(owner.id)
  return {
    functionName: node.callFrame.functionName || '(anonymous)',
    url: owner?.callFrame.url ?? '',
    native,
    line: native ? 0 : node.callFrame.lineNumber + 1,
    column: node.callFrame.columnNumber,
    self,
    lines: linesOf(node, native ? 0 : node.callFrame.lineNumber + 1, self),
  }
}

/** V8 counts lines over the whole run; their shares are taken for the window's. */
function linesOf(node: ProfileNode, firstLine: number, self: number): Map<number, number> {
  const ticks = node.positionTicks ?? []
  const total = ticks.reduce((sum, { ticks: count }) => sum + count, 0)
  const lines = new Map<number, number>()
  for (const { line, ticks: count } of ticks) {
    // Entering a function is counted on lines above it.
    const inside = Math.max(line, firstLine)
    lines.set(inside, (lines.get(inside) ?? 0) + (self * count) / total)
  }
  return lines
}
