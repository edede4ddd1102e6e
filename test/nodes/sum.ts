// tsx test/nodes/sum.ts <report> <code> <output> <code>: one line over both, `N passed, N failed`. First the JSON report of `npm test` and its exit
// code, then what `npm run test:nodes` printed and its exit code.
import { readFileSync } from 'node:fs'
import { countsOfOutput, countsOfReport, inWords, sum } from './counts.ts'

const [report = '', reportCode, output = '', outputCode] = process.argv.slice(2)

const all = sum([
  countsOfReport(contentsOf(report), Number(reportCode)),
  countsOfOutput(contentsOf(output), Number(outputCode)),
])
process.stdout.write(`${inWords(all)}\n`)
process.exitCode = all.failed > 0 ? 1 : 0

function contentsOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // It never came so far as to write it.
  }
}
