// npm run bench:scale: what a write costs Redis as the number of backends grows, and what a session takes there.
import { intoDocs } from './lib/docs.ts'
import { describe, environment } from './lib/environment.ts'
import { parseFlags, positiveInteger, runMain } from './lib/options.ts'
import { crowdTable, middle, type Priced, scaleGoals, sessionTable } from './lib/scale-report.ts'
import { fullAt, pricesOf, sumTable } from './lib/scale-sums.ts'
import { connectRedis, limpet, type SessionShape, sessionPrice } from './lib/session-price.ts'
import { type Crowd, crowd } from './lib/write-price.ts'

const flags = {
  backends: { type: 'string', help: 'how many, with commas (1,10,100,400)' },
  rounds: { type: 'string', help: 'how often each is measured (5)' },
  writes: { type: 'string', help: 'sessions that are written in one measurement (1000)' },
  sessions: { type: 'string', help: 'sessions stored to price one; a tenth of these for the large ones (100000)' },
  docs: { type: 'boolean', help: 'put the tables into docs/scale.md' },
  json: { type: 'boolean', help: 'print everything as JSON' },
} as const

const HOLDERS = [0, 1, 10]
const SHAPES: readonly SessionShape[] = ['small', 'typical', 'large']

runMain(async () => {
  const args = process.argv.slice(2)
  const options = parseFlags(flags, args)
  const sizes = (options.backends ?? '1,10,100,400').split(',').map((text) => positiveInteger('backends', text, 1))
  const rounds = positiveInteger('rounds', options.rounds, 5)
  const writes = positiveInteger('writes', options.writes, 1000)
  const sessions = positiveInteger('sessions', options.sessions, 100_000)

  const runs: Crowd[] = []
  for (let round = 1; round <= rounds; round++) {
    for (const backends of sizes) {
      say(`round ${round} of ${rounds}: ${backends} ${backends === 1 ? 'backend' : 'backends'}`)
      runs.push(await crowd(backends, { sessions: writes, holders: HOLDERS, idleSeconds: 3 }))
    }
  }
  const crowds = sizes.map((size) => middle(runs.filter(({ backends }) => backends === size)))
  const priced: Priced[] = []
  for (const shape of SHAPES) {
    const count = shape === 'large' ? Math.ceil(sessions / 10) : sessions
    say(`${count} sessions: ${shape}`)
    const [ours, theirs] = [await sessionPrice(limpet, shape, count), await sessionPrice(connectRedis, shape, count)]
    priced.push({ limpet: ours, connectRedis: theirs })
  }

  const made = environment('bench:scale', args, process.execPath)
  if (options.json) {
    const plain = crowds.map((one) => ({ ...one, writes: Object.fromEntries(one.writes) }))
    process.stdout.write(`${JSON.stringify({ environment: made, crowds: plain, priced }, null, 2)}\n`)
    return
  }
  const by = `${describe(made)}. Made by \`${made.command}\`.`
  const goals = scaleGoals(crowds, priced).join('\n')
  const measured = [crowdTable(crowds), sessionTable(priced), `Goals:\n\n${goals}`, by].join('\n\n')
  process.stdout.write(`${measured}\n`)
  if (options.docs) intoDocs('scale.md', 'scale', measured)
  const typical = priced.find(({ limpet: { shape } }) => shape === 'typical')?.limpet
  if (sizes.length > 1 && typical) {
    const prices = pricesOf(crowds, typical)
    const sums = `${sumTable([10, 100, 1000], prices)}\n\nOne core of Redis is full at ${fullAt(prices)} backends.`
    process.stdout.write(`\n${sums}\n`)
    if (options.docs) intoDocs('scale.md', 'sums', sums)
  }
})

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`)
}
