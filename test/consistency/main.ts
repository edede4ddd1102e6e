import { writeFileSync } from 'node:fs'
import { caption } from './caption.ts'
import { printFaults, printViolation } from './checker/print.ts'
import { type CliOptions, parseCli, usage } from './cli.ts'
import { isLimpet } from './driver/fleet.ts'
import { type RunResult, run } from './driver/run.ts'
import { table } from './table.ts'

/** Of each kind so many are printed in full: the rest would tell the same story. */
const SHOWN = 3

let options: CliOptions
try {
  options = parseCli(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`check:consistency: ${error instanceof Error ? error.message : error}\n\n${usage}`)
  process.exit(2)
}

const results: RunResult[] = []
for (const target of options.targets) {
  process.stderr.write(`${target}: ${options.seconds} s, seed ${options.seed}\n`)
  const broken = isLimpet(target) ? options.broken : undefined
  const result = await run({ ...options, target, broken })
  results.push(result)
  process.stderr.write(`  faults: ${result.history.faults.map(({ name }) => name).join(', ') || 'none'}\n`)
  if (isLimpet(target) || options.targets.length === 1) explain(result)
  if (options.history) writeFileSync(options.history, JSON.stringify(result.history))
}
if (options.markdown) process.stdout.write(`${caption(options)}\n`)
process.stdout.write(`\n${table(results, options.markdown)}\n`)
const limpets = results.filter(({ target }) => isLimpet(target))
process.exitCode = limpets.some(({ report }) => report.violations.length > 0) ? 1 : 0

function explain({ report, history }: RunResult): void {
  const shown = new Map<string, number>()
  for (const violation of report.violations) {
    const count = (shown.get(violation.kind) ?? 0) + 1
    shown.set(violation.kind, count)
    if (count <= SHOWN)
      process.stderr.write(`\n${printViolation(violation)}\n${printFaults(violation, history.faults)}`)
  }
}
