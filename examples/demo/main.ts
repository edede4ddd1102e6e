// The article's four causes on real HTTP, in two lanes: the balancer alone, and the balancer with sticky().
import { parseArgs, parsePort, usage } from './args.ts'
import { type Cause, causes } from './causes.ts'
import { type Lanes, lanesInProcess } from './lanes.ts'
import { type Page, type Report, servePage } from './page.ts'
import { type Pair, play, proven } from './play.ts'
import { lanesAsProcesses } from './processes.ts'
import { tableOf } from './table.ts'
import { Trouble } from './trouble.ts'

let lanes: Lanes | undefined
let page: Page | undefined

async function main(): Promise<void> {
  const args = parseArgs(process.argv.slice(2))
  if (args.help) return console.log(usage)
  const port = parsePort(process.env.PORT)
  // The page listens first: a port that is taken should be said before anything is started.
  const report = settleLater<Report>()
  if (!args.once) page = await servePage(port, report.promise, again)

  lanes = args.redis ? await lanesAsProcesses(process.env.REDIS_URL) : await lanesInProcess()
  console.log('\nOne balancer, three backends, the same requests: alone, and with sticky().\n')
  const plays: Record<string, Pair> = {}
  for (const [i, cause] of causes.entries()) {
    const pair = await playBoth(cause, lanes)
    plays[cause.id] = pair
    console.log(tableOf(i + 1, cause, pair))
  }
  report.resolve({ store: args.redis ? 'redis' : 'memory', causes, plays })

  const shown = proven(Object.values(plays))
  if (shown) console.log('The balancer alone loses the session each time. With sticky() it is kept.\n')
  else console.log('This is not what the demo should show: see the lanes above.\n')
  if (!page) {
    process.exitCode = shown ? 0 : 1
    return end()
  }
  console.log(`The same as a picture: ${page.url}   (Ctrl-C ends it)\n`)
}

async function playBoth(cause: Cause, { alone, sticky }: Lanes): Promise<Pair> {
  return { alone: await play(cause, alone), sticky: await play(cause, sticky) }
}

function again(id: string): Promise<Pair> | undefined {
  const cause = causes.find((known) => known.id === id)
  return cause && lanes ? playBoth(cause, lanes) : undefined
}

async function end(): Promise<void> {
  await page?.close()
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
