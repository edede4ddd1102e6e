// npm run test:nodes: the same tests under other lines of Node than the one that runs this.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeProgram } from '../../bench/lib/nodes.ts'
import { parseFlags } from '../../bench/lib/options.ts'
import { type Counts, countsOfReport, inWords, sum } from './counts.ts'

const flags = {
  node: { type: 'string', help: 'lines of Node, or programs, with commas (22,24,26)' },
  only: { type: 'string', help: 'files whose path has one of these in it, with commas (see CONTRIBUTING.md)' },
} as const

const LINES = '22,24,26'
const GROUPS = ['unit', 'http', 'redis', 'package']

/** They judge scripts, types and what is in the tarball, which is the same under every Node. */
const NOT_OF_NODE = ['package/fresh-checkout', 'package/snippets', 'package/tarball']

/** Minutes together: they wait for timeouts and bundle applications. So they run under one of the three alone, which is a line that people run. */
const LONG = ['redis/lag', 'redis/silence', 'redis/clocks', 'redis/process-ends', 'redis/cluster', 'package/bundles']
const LINE_FOR_LONG = '24'

const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const say = (text: string) => process.stdout.write(`test:nodes: ${text}\n`)

main().catch((error: Error) => {
  process.stderr.write(`test:nodes: ${error.message}\n`)
  process.exitCode = 1
})

async function main(): Promise<void> {
  const options = parseFlags(flags, process.argv.slice(2))
  const all: Counts[] = []
  for (const node of listed(options.node ?? LINES))
    all.push(await under(node, options.only === undefined ? filesFor(node) : listed(options.only)))
  const total = sum(all)
  process.stdout.write(`${inWords(total)}\n`)
  process.exitCode = total.failed > 0 ? 1 : 0
}

function listed(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

function filesFor(node: string): string[] {
  const left = [...NOT_OF_NODE, ...(node === LINE_FOR_LONG ? [] : LONG)].map((name) => `test/${name}.test.ts`)
  return GROUPS.flatMap((group) =>
    readdirSync(join(root, 'test', group), { recursive: true, encoding: 'utf8' })
      .map((name) => `test/${group}/${name.replaceAll('\\', '/')}`)
      .filter((name) => name.endsWith('.test.ts') && !left.includes(name)),
  )
}

/** One line of Node: what vitest says of it, and a line that says what it came to. A Node that cannot be had is a failure, and the others go on. */
async function under(node: string, only: readonly string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'limpet-nodes-'))
  try {
    const program = nodeProgram(node, say)
    const version = versionOf(program)
    say(`Node ${version}: running ${only.length > 5 ? `${only.length} files` : only.join(', ')}`)
    const began = performance.now()
    const file = join(folder, 'report.json')
    const code = await run(program, [
      'run',
      ...only,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ])
    const counts = countsOfReport(contentsOf(file), code)
    say(`Node ${version}: ${inWords(counts)} (${((performance.now() - began) / 1000).toFixed(0)} s)`)
    return counts
  } catch (error) {
    say(`Node ${node}: ${(error as Error).message}`)
    return { passed: 0, failed: 1 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function versionOf(program: string): string {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8' }).trim().slice(1)
  } catch {
    // The registry's programs are linked with glibc: on Alpine, for example, they are there and do not start.
    throw new Error(
      `${program} does not start on this machine. Install Node, and name its program: --node /path/to/node`,
    )
  }
}

/** Its folder comes first on the PATH, so that what the tests start by the name `node` is the same one. */
async function run(program: string, args: readonly string[]): Promise<number | null> {
  const env = { ...process.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH}` }
  const child = spawn(program, [vitest, ...args], { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

function contentsOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // It never came so far as to write it.
  }
}
