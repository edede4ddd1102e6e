import { type CliOptions, parseCli, usage } from './cli.ts'
import { printHistory } from './print.ts'
import { once, planOf, simulate, smallest } from './simulate.ts'
import { VirtualTime } from './time.ts'

let options: CliOptions
try {
  options = parseCli(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`check:simulation: ${error instanceof Error ? error.message : error}\n\n${usage}`)
  process.exit(2)
}

// Thousands of errors are made on purpose, and nobody reads where.
Error.stackTraceLimit = 0

const wall = process.hrtime.bigint
const time = VirtualTime.install()
process.exitCode = options.only === undefined ? await all(options) : await one(options, options.only)

async function all({ seed, histories, broken, seconds, faults }: CliOptions): Promise<number> {
  const start = wall()
  const elapsed = () => Number(wall() - start) / 1e9
  const each = () => seconds !== undefined && elapsed() > seconds
  const summary = await simulate(time, { seed, histories, broken, faults, each })
  const took = elapsed()
  for (const { kind, first } of summary.found) {
    const { plan, history, findings } = await smallest(planOf(seed, first, faults), kind, time, broken)
    process.stdout.write(`\nhistory ${first}, shrunk:\n${printHistory(plan, history, findings)}\n`)
  }
  const { requests, operations, least, late } = summary
  process.stdout.write(
    `\nseed ${seed}: ${summary.histories} histories, ${requests} requests, ${operations} operations (at least ${least} a history), ` +
      `${took.toFixed(1)} s, ${(summary.histories / took).toFixed(0)} histories/s; seen late: ${late}\n`,
  )
  for (const { kind, first, count } of summary.found) {
    process.stdout.write(`  ${kind}: first in history ${first}, in ${count} of ${summary.histories}\n`)
  }
  if (summary.found.length === 0) process.stdout.write('  no violation\n')
  return summary.found.length > 0 ? 1 : 0
}

async function one({ seed, broken, faults }: CliOptions, number: number): Promise<number> {
  const plan = planOf(seed, number, faults)
  const { history, judgement } = await once(plan, time, broken)
  process.stdout.write(`history ${number} of seed ${seed}\n${printHistory(plan, history, judgement.findings)}\n`)
  return judgement.findings.length > 0 ? 1 : 0
}
