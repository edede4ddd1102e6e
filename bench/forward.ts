// npm run bench:forward: what it costs to pass a request on to its owner, beside other ways to do that, and beside no forward.
import { bulk, echo, type Small, small, streams } from './forward/load.ts'
import { type Backend, HOMES, type Name, startSite, WAYS } from './forward/site.ts'
import { pinCores } from './lib/cores.ts'
import { intoDocs, placeInDocs } from './lib/docs.ts'
import { describe, environment } from './lib/environment.ts'
import { parseFlags, positiveInteger, runMain } from './lib/options.ts'
import { interval, median, shuffled } from './lib/statistics.ts'
import { table } from './lib/table.ts'

const flags = {
  rounds: { type: 'string', help: 'alternating rounds (7)' },
  seconds: { type: 'string', help: 'of small requests, for each in each round (1)' },
  docs: { type: 'boolean', help: 'put the tables into docs/performance.md' },
} as const

const MEGABYTES = 100
const STREAMS = 2000
const WITH_SOCKETS: readonly Name[] = ['home', 'limpet away', 'limpet undici away', 'httpxy', 'http-proxy-3']

runMain(async () => {
  const args = process.argv.slice(2)
  const options = parseFlags(flags, args)
  const rounds = positiveInteger('rounds', options.rounds, 7)
  const seconds = positiveInteger('seconds', options.seconds, 1)
  if (options.docs) placeInDocs('performance.md', 'forward')
  const cores = pinCores()
  const site = await startSite(cores, process.execPath)
  try {
    const all = [...site.backends.values()]
    const { cookie } = site
    const homeCookie = site.homeCookie
    const cookieFor = ({ name }: Backend) => (name === 'limpet home' ? homeCookie : cookie)
    say('warm-up')
    for (const one of all) await small(one, cookieFor(one), 2)
    const requests = await inRounds(all, rounds, (one) => small(one, cookieFor(one), seconds))
    say('bulk')
    const down = await inRounds(all, 2, (one) => bulk(one, cookieFor(one), 'down', MEGABYTES))
    const up = await inRounds(all, 2, (one) => bulk(one, cookieFor(one), 'up', MEGABYTES))
    const sockets = all.filter(({ name }) => WITH_SOCKETS.includes(name))
    say('WebSockets')
    const echoes = await inRounds(sockets, 2, (one) => echo(one, cookieFor(one), 1))
    say('idle streams')
    const memory = new Map<Name, number>()
    // The others keep the head of a stream back until something comes on it.
    const streaming = all.filter(({ name }) => /home|limpet/.test(name))
    for (const one of streaming) memory.set(one.name, await streams(one, cookieFor(one), STREAMS))
    const text = [
      smallTable(requests),
      otherTable({ down, up, echoes, memory }),
      `Ratios are medians of ${rounds} alternating rounds, to \`home\` in the same round; in parentheses the 95 % interval (with fewer than six rounds, the lowest and the highest). Memory: of those that pass on the head of a stream on which nothing has come. \`home\`: a bare server of \`node:http\` that answers itself. ${cores.pinned ? 'What is measured has one core to itself; the owner and the load share the other.' : 'Nothing is pinned to a core.'}`,
      `${describe(environment('bench:forward', args, process.execPath))}.`,
    ].join('\n\n')
    process.stdout.write(`${text}\n`)
    if (options.docs) intoDocs('performance.md', 'forward', text)
  } finally {
    await site.stop()
  }
})

async function inRounds<Result>(
  all: readonly Backend[],
  rounds: number,
  measure: (one: Backend) => Promise<Result>,
): Promise<Map<Name, Result[]>> {
  const results = new Map(all.map(({ name }) => [name, [] as Result[]]))
  for (let round = 0; round < rounds; round++) {
    for (const one of shuffled(all)) results.get(one.name)?.push(await measure(one))
  }
  return results
}

function smallTable(results: Map<Name, Small[]>): string {
  const homes = results.get('home') ?? []
  const rows = [...HOMES, ...WAYS].map((name) => {
    const mine = results.get(name) ?? []
    const ratios = interval(mine.map(({ perSecond }, i) => perSecond / (homes[i]?.perSecond ?? Number.NaN)))
    const { median: cpu, low, high } = interval(mine.map(({ cpu }) => cpu))
    return [
      name,
      `${ratios.median.toFixed(2)} (${ratios.low.toFixed(2)} to ${ratios.high.toFixed(2)})`,
      `${cpu.toFixed(0)} (${low.toFixed(0)} to ${high.toFixed(0)})`,
      median(mine.map(({ p99 }) => p99)).toFixed(1),
    ]
  })
  return table(['small GET', 'requests/s, of home', 'CPU us a request', 'p99, ms'], rows)
}

function otherTable({
  down,
  up,
  echoes,
  memory,
}: Record<'down' | 'up' | 'echoes', Map<Name, number[]>> & { memory: Map<Name, number> }): string {
  const text = (values: readonly number[] | undefined, digits: number) =>
    values === undefined ? '-' : median(values).toFixed(digits)
  const rows = [...HOMES, ...WAYS].map((name) => [
    name,
    text(down.get(name), 2),
    text(up.get(name), 2),
    memory.has(name) ? ((memory.get(name) ?? 0) / 1024).toFixed(1) : '-',
    text(echoes.get(name), 0),
  ])
  return table(
    [
      '',
      `${MEGABYTES} MB down, s`,
      `${MEGABYTES} MB up, s`,
      `KB for each of ${STREAMS} idle streams`,
      'echoes/s, WebSocket',
    ],
    rows,
  )
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`)
}
