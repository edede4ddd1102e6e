// npm run bench: requests per second, CPU and Redis commands per request, and p99, as ratios to the bare framework.
import { pinCores } from './lib/cores.ts'
import { environment } from './lib/environment.ts'
import { goalsOf } from './lib/goals.ts'
import { nodeBinary, parseFlags, positive, positiveInteger, runMain } from './lib/options.ts'
import { markdownReport, type Report, textReport } from './lib/report.ts'
import { resultsOf } from './lib/results.ts'
import { measure } from './lib/rounds.ts'
import { chosenSubjects, groupsOf } from './lib/subjects.ts'

const flags = {
  rounds: { type: 'string', help: 'how often each subject is measured (7)' },
  seconds: { type: 'string', help: 'length of one measurement (3)' },
  'warm-up': { type: 'string', help: 'seconds of load before it (3)' },
  connections: { type: 'string', help: 'at saturation (50)' },
  rate: { type: 'string', help: 'requests per second of the latency run (1000)' },
  only: { type: 'string', help: 'names of subjects, with commas; the bare framework is always among them' },
  node: { type: 'string', help: 'another node program for the servers' },
  markdown: { type: 'boolean', help: 'print the table for a document' },
  json: { type: 'boolean', help: 'print everything as JSON' },
} as const

runMain(async () => {
  const args = process.argv.slice(2)
  const options = parseFlags(flags, args)
  const node = nodeBinary(options.node)
  const subjects = chosenSubjects(options.only?.split(',') ?? [])
  const settings = {
    rounds: positiveInteger('rounds', options.rounds, 7),
    seconds: positive('seconds', options.seconds, 3),
    warmUp: positive('warm-up', options['warm-up'], 3),
    connections: positiveInteger('connections', options.connections, 50),
    rate: positiveInteger('rate', options.rate, 1000),
  }
  const perSubject = settings.warmUp + 1.5 * settings.seconds * 1.2 + 2.5
  const minutes = (settings.rounds * groupsOf(subjects).flat().length * perSubject) / 60
  process.stderr.write(`bench: ${subjects.length} subjects, about ${minutes.toFixed(1)} minutes\n`)

  const cores = pinCores()
  const all = await measure(subjects, settings, cores, node, (text) => process.stderr.write(`bench: ${text}\n`))
  const results = resultsOf(subjects, all)
  const report: Report = {
    environment: environment('bench', args, node),
    settings,
    pinned: cores.pinned,
    results,
    goals: goalsOf(results, all),
  }
  const print = options.json
    ? (made: Report) => JSON.stringify(made, null, 2)
    : options.markdown
      ? markdownReport
      : textReport
  process.stdout.write(`${print(report)}\n`)
})
