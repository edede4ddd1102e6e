// npm run bench: what each library costs a request, beside the bare framework and a hand-written hook, on one Node after another.
import { pinCores } from './lib/cores.ts'
import { intoDocs, placeInDocs } from './lib/docs.ts'
import { type Environment, environment } from './lib/environment.ts'
import { generator } from './lib/generator.ts'
import { goalsOf } from './lib/goals.ts'
import { nodePrograms } from './lib/nodes.ts'
import { parseFlags, positiveInteger, runMain } from './lib/options.ts'
import { type Report, report } from './lib/report.ts'
import { resultsOf, unsaturated } from './lib/results.ts'
import { measure } from './lib/rounds.ts'
import { chosenSubjects, type Subject } from './lib/subjects.ts'

const flags = {
  rounds: { type: 'string', help: 'processes per subject (20)' },
  seconds: { type: 'string', help: 'length of one measurement, whole (2)' },
  'warm-up': { type: 'string', help: 'requests before it (50000)' },
  connections: { type: 'string', help: 'at saturation (50)' },
  rate: { type: 'string', help: 'requests per second of the latency run (1000)' },
  only: {
    type: 'string',
    help: 'names of subjects, with commas; the bare framework and the floor are always among them',
  },
  node: { type: 'string', help: 'lines of Node, or programs, with commas (own,24,26)' },
  load: { type: 'string', help: 'wrk or autocannon (wrk where it is installed)' },
  docs: { type: 'boolean', help: 'put the tables into docs/performance.md' },
  json: { type: 'boolean', help: 'print everything as JSON' },
} as const

const args = process.argv.slice(2)

/** Seconds that one process of a subject takes to start, to warm up and to have its Redis commands counted, on a quiet machine. */
const AROUND = 5

runMain(async () => {
  const options = parseFlags(flags, args)
  const nodes = nodePrograms(options.node ?? 'own,24,26')
  const subjects = chosenSubjects(options.only?.split(',') ?? [])
  const seconds = positiveInteger('seconds', options.seconds, 2)
  const settings = {
    rounds: positiveInteger('rounds', options.rounds, 20),
    seconds,
    paced: seconds / 2,
    warmUp: positiveInteger('warm-up', options['warm-up'], 50_000),
    connections: positiveInteger('connections', options.connections, 50),
    rate: positiveInteger('rate', options.rate, 1000),
  }
  const load = generator(options.load)
  const environments = nodes.map((node) => environment('bench', args, node))
  const placeOf = ({ node }: Environment) => `requests, Node ${lineOf(node)}`
  if (options.docs) for (const made of environments) placeInDocs('performance.md', placeOf(made))
  const cores = pinCores()
  say(`${subjects.length} subjects, ${nodes.length} Node, about ${minutesOf(subjects, settings, nodes.length)} minutes`)

  const reports: Report[] = []
  for (const [i, made] of environments.entries()) {
    const how = { cores, node: nodes[i] ?? process.execPath, generator: load }
    const all = await measure(subjects, settings, how, (text) => say(`Node ${made.node}, ${text}`))
    const results = resultsOf(subjects, all)
    const one: Report = {
      environment: made,
      settings,
      generator: load.name,
      pinned: cores.pinned,
      unsaturated: [...unsaturated(all)],
      results,
      goals: goalsOf(results, all, lineOf(made.node)),
    }
    reports.push(one)
    if (!options.json) process.stdout.write(`Node ${made.node}:\n\n${report(one)}\n\n`)
    if (options.docs) intoDocs('performance.md', placeOf(made), report(one))
  }
  if (options.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`)
})

const lineOf = (version: string) => Number(version.split('.')[0])

function minutesOf(
  subjects: readonly Subject[],
  settings: { readonly rounds: number; readonly seconds: number; readonly paced: number },
  nodes: number,
): string {
  const { rounds, seconds, paced } = settings
  const processes = subjects.reduce((sum, { seldom }) => sum + (seldom ? Math.ceil(rounds / 4) : rounds), 0)
  return ((nodes * processes * (seconds + paced + AROUND)) / 60).toFixed(1)
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`)
}
