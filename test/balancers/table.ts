import { availableParallelism } from 'node:os'
import { versionOf } from './support/running.ts'
import { PHASES, type Result } from './support/stage.ts'

const HEADS = [
  '200',
  '404',
  '302',
  'WebSocket',
  'second request after the hint was lost',
  'after a restart',
  'after a drain',
]

/** The table of docs/balancers.md. */
export function asMarkdown(results: readonly Result[]): string {
  const made = `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}`
  const head = ['balancer', 'hint', ...HEADS, 'failed', 'sessions lost']
  return [
    `${made}, by \`npm run balancers -- --docs\`. Which of the requests of clients with a session the balancer sent to its owner; and requests that failed, and sessions that were lost.`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...results.map((result) => line([nameOf(result), ...cellsOf(result)])),
  ].join('\n')
}

/** What stands in the first column. */
export function nameOf({ program }: Result): string {
  return `${program.title} ${versionOf(program)}`
}

/** All others. */
export function cellsOf({ hinted, shares, failed, lost }: Result): string[] {
  const share = PHASES.map((phase) => `${Math.round((100 * shares[phase].landed) / shares[phase].of)} %`)
  return [hinted ? 'yes' : 'no', ...share, `${failed}`, `${lost}`]
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
