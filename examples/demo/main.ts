// The article's four causes, and what can happen to any shop, on real HTTP in three lanes.
import { parseArgs, parsePort, usage } from './args.ts'
import { causes } from './causes.ts'
import { type Lanes, lanesInProcess } from './lanes.ts'
import { type Buttons, type Page, type Report, servePage } from './page.ts'
import { causeExpects, playAll, proven, type Shown } from './play.ts'
import { lanesAsProcesses } from './processes.ts'
import { Regulars } from './regulars.ts'
import { conclusion, intro, tableOf, trialHead, trialRow } from './table.ts'
import { trials as plain, type Trial, tryAll } from './trials.ts'
import { Trouble } from './trouble.ts'

let lanes: Lanes | undefined
let regulars: Regulars | undefined
let page: Page | undefined
let trials: readonly Trial[] = plain

async function main(): Promise<void> {
  const args = parseArgs(process.argv.slice(2))
  if (args.help) return console.log(usage)
  const port = parsePort(process.env.PORT)
  // The page listens first: a port that is taken should be said before anything is started.
  const report = settleLater<Report>()
  if (!args.once) page = await servePage(port, report.promise, { play, attempt, stop })

  const store = args.redis ? 'redis' : 'memory'
  lanes = args.redis ? await lanesAsProcesses(process.env.REDIS_URL) : await lanesInProcess()
  regulars = new Regulars(lanes)
  if (args.redis) trials = [...plain, ...(await forRedis())]
  console.log(intro(store))
  const shown: Shown[] = []
  const plays: Report['plays'] = {}
  for (const [i, cause] of causes.entries()) {
    const results = await playAll(cause, lanes)
    plays[cause.id] = results
    shown.push({ expects: causeExpects, results })
    console.log(tableOf(i + 1, cause, results))
  }
  console.log(trialHead)
  const results: Report['results'] = {}
  for (const [i, trial] of trials.entries()) {
    const result = await tryAll(trial, lanes)
    results[trial.id] = result
    shown.push({ expects: trial.expects, results: result })
    console.log(trialRow(causes.length + i + 1, trial, result))
  }
  report.resolve({ store, causes, plays, trials, results })

  console.log(conclusion(proven(shown), trials.length > plain.length))
  if (!page) {
    process.exitCode = proven(shown) ? 0 : 1
    return end()
  }
  console.log(`The same as a picture: ${page.url}   (Ctrl-C ends it)\n`)
}

/** What can be played with a Redis only. Without one, its clients need not be loaded. */
async function forRedis(): Promise<Trial[]> {
  const { canFailOver, failover } = await import('./failover.ts')
  return canFailOver() ? [failover] : []
}

// One after the other: who stops a backend would disturb whoever plays meanwhile.
let turn: Promise<unknown> = Promise.resolve()

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work, work)
  turn = mine
  return mine
}

const play: Buttons['play'] = (id) => {
  const cause = causes.find((known) => known.id === id)
  const all = lanes
  return cause && all ? inTurn(() => playAll(cause, all)) : undefined
}

const attempt: Buttons['attempt'] = (id, knobs) => {
  const trial = trials.find((known) => known.id === id)
  const all = lanes
  return trial && all ? inTurn(() => tryAll(trial, all, knobs)) : undefined
}

const stop: Buttons['stop'] = (name) => {
  const all = regulars
  return all && inTurn(() => all.stop(name))
}

async function end(): Promise<void> {
  await page?.close()
  await regulars?.close()
  await lanes?.close()
}

function settleLater<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await end()
    process.exit(0)
  })
}

main().catch(async (error: unknown) => {
  const said = error instanceof Trouble ? error.message : error instanceof Error ? error.stack : String(error)
  console.error(`limpet demo: ${said}`)
  process.exitCode = 1
  await end()
})
