import { type CliOptions, parseCli, usage } from './cli.ts'
import { Team } from './team.ts'

let options: CliOptions
try {
  options = parseCli(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`check:simulation: ${error instanceof Error ? error.message : error}\n\n${usage}`)
  process.exit(2)
}

const team = await Team.assemble(options.only === undefined ? options : { ...options, workers: 1 })
try {
  process.exitCode = options.only === undefined ? await all(options) : await one(options, options.only)
} finally {
  await team.dismiss()
}

async function all({ seed, histories, seconds }: CliOptions): Promise<number> {
  const start = performance.now()
  const elapsed = () => (performance.now() - start) / 1000
  const summary = await team.play(histories, (found) => {
    for (const { kind, numbers } of found) process.stderr.write(`${kind} in history ${numbers.join(', ')}\n`)
    return seconds !== undefined && elapsed() > seconds
  })
  const took = elapsed()
  for (const found of summary.found) {
    process.stdout.write(`\nhistory ${found.numbers[0]}, shrunk:\n${await team.story(found)}\n`)
  }
  const { requests, operations, least, late, fingerprint } = summary
  const rate = (seconds: number) => (summary.histories / seconds).toFixed(0)
  process.stdout.write(
    `\nseed ${seed}: ${summary.histories} histories, ${requests} requests, ${operations} operations (at least ${least} a history); ` +
      `seen late: ${late}; fingerprint ${fingerprint.toString(16)}\n` +
      `  ${took.toFixed(1)} s, ${rate(took)} histories/s on ${team.size} cores, ${rate(team.seconds)} for each second of a core\n`,
  )
  for (const { kind, count, numbers } of summary.found) {
    const named = numbers.join(', ') + (count > numbers.length ? ', ...' : '')
    process.stdout.write(`  ${kind}: in ${count} of ${summary.histories}: ${named}\n`)
  }
  if (summary.found.length === 0) process.stdout.write('  no violation\n')
  return summary.found.length > 0 ? 1 : 0
}

async function one({ seed }: CliOptions, number: number): Promise<number> {
  const { text, findings } = await team.show(number)
  process.stdout.write(`history ${number} of seed ${seed}\n${text}\n`)
  return findings > 0 ? 1 : 0
}
