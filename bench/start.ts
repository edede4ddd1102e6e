// npm run bench:start: how long `import 'limpet'` takes beside others, and how large the package is with what it brings along.
import { intoDocs } from './lib/docs.ts'
import { describe, environment } from './lib/environment.ts'
import { type Imported, importTime } from './lib/import-time.ts'
import { nodePrograms } from './lib/nodes.ts'
import { parseFlags, positiveInteger, runMain } from './lib/options.ts'
import { packageSizes } from './lib/package-size.ts'
import { interval, shuffled } from './lib/statistics.ts'
import { table } from './lib/table.ts'

const flags = {
  rounds: { type: 'string', help: 'processes for each (10)' },
  node: { type: 'string', help: 'lines of Node, or programs, with commas (own,24,26)' },
  docs: { type: 'boolean', help: 'put the tables into docs/performance.md' },
} as const

const NAMES = ['express-session', 'limpet', 'limpet/koa', 'limpet/redis', 'koa-session']
const YARDSTICK = 'express-session'
/** `import 'limpet'` takes at most this times what the yardstick takes. */
const GOAL = 1.5

runMain(async () => {
  const args = process.argv.slice(2)
  const options = parseFlags(flags, args)
  const rounds = positiveInteger('rounds', options.rounds, 10)
  const parts: string[] = []
  for (const node of nodePrograms(options.node ?? 'own,24,26')) {
    parts.push(startTable(measured(node, rounds), environment('bench:start', args, node).node))
  }
  parts.push(`Medians of ${rounds} processes each, in turns; in parentheses the 95 % interval.`, sizeTable())
  const made = environment('bench:start', args, process.execPath)
  parts.push(`${describe(made)}. Made by \`${made.command}\`.`)
  const text = parts.join('\n\n')
  process.stdout.write(`${text}\n`)
  if (options.docs) intoDocs('performance.md', 'start', text)
})

function measured(node: string, rounds: number): Map<string, Imported[]> {
  const all = new Map(NAMES.map((name) => [name, [] as Imported[]]))
  // The first of each finds nothing in the cache of files.
  for (let round = 0; round <= rounds; round++) {
    for (const name of shuffled(NAMES)) {
      const one = importTime(node, name)
      if (round > 0) all.get(name)?.push(one)
    }
  }
  return all
}

function startTable(all: Map<string, Imported[]>, node: string): string {
  const yardstick = interval((all.get(YARDSTICK) ?? []).map(({ milliseconds }) => milliseconds)).median
  const rows = [...all].map(([name, imports]) => {
    const { median, low, high } = interval(imports.map(({ milliseconds }) => milliseconds))
    const ratio = median / yardstick
    const verdict = name === 'limpet' ? `, goal ${GOAL}: ${ratio <= GOAL ? 'met' : 'not met'}` : ''
    return [
      `\`import '${name}'\``,
      `${median.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`,
      `${ratio.toFixed(2)}${verdict}`,
      imports.some(({ clients }) => clients > 0) ? 'yes' : 'no',
    ]
  })
  return table([`Node ${node}`, 'ms', `of ${YARDSTICK}`, 'loads a Redis client'], rows)
}

function sizeTable(): string {
  const sizes = packageSizes()
  const all = { name: 'all', bytes: 0, files: 0 }
  for (const { bytes, files } of sizes) {
    all.bytes += bytes
    all.files += files
  }
  const rows = [...sizes, all].map(({ name, bytes, files }) => [name, (bytes / 1024).toFixed(0), String(files)])
  return table(['package, unpacked', 'KB', 'files'], rows)
}
