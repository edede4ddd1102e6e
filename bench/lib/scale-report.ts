import type { SessionPrice, SessionShape } from './session-price.ts'
import { median } from './statistics.ts'
import { table } from './table.ts'
import type { Crowd, Price } from './write-price.ts'

/** The medians of several runs of the same crowd. */
export function middle(runs: readonly Crowd[]): Crowd {
  const [first] = runs
  if (!first) throw new Error('nothing was measured')
  const of = (pick: (run: Crowd) => number) => median(runs.map(pick))
  const price = (pick: (run: Crowd) => Price): Price => ({
    cpu: of((run) => pick(run).cpu),
    bytesOut: of((run) => pick(run).bytesOut),
    messages: of((run) => pick(run).messages),
  })
  const writes = [...first.writes.keys()].map(
    (holders) => [holders, price((run) => run.writes.get(holders) ?? first.logout)] as const,
  )
  return {
    backends: first.backends,
    writes: new Map(writes),
    logout: price((run) => run.logout),
    idle: { cpu: of((run) => run.idle.cpu), bytesOut: of((run) => run.idle.bytesOut) },
    memory: of((run) => run.memory),
  }
}

/** At this pace messages are counted. */
const PACE = 10_000

export function crowdTable(crowds: readonly Crowd[]): string {
  const line = (what: string, backends: number, { cpu, bytesOut, messages }: Price) => [
    what,
    String(backends),
    cpu.toFixed(1),
    bytesOut.toFixed(0),
    messages.toFixed(2),
    backends > 1 ? ((messages * PACE) / (backends - 1)).toFixed(0) : '',
  ]
  const holders = [...new Set(crowds.flatMap(({ writes }) => [...writes.keys()]))].sort((a, b) => a - b)
  const rows = holders.flatMap((count) =>
    crowds.flatMap(({ backends, writes }) => {
      const price = writes.get(count)
      const who = ['nobody else has', 'one other backend has'][count] ?? `${count} other backends have`
      return price ? [line(`write, ${who} a copy`, backends, price)] : []
    }),
  )
  rows.push(...crowds.map(({ backends, logout }) => line('logout', backends, logout)))
  return table(
    [
      '',
      'backends',
      'CPU us',
      'bytes out',
      'messages',
      `a second and backend, at ${PACE.toLocaleString('en-US')} of them a second`,
    ],
    rows,
  )
}

export interface Priced {
  readonly limpet: SessionPrice
  readonly connectRedis: SessionPrice
}

const contents: Record<SessionShape, string> = {
  small: 'user, csrf token',
  typical: 'five keys, one of 200 characters',
  large: 'user, csrf token, a text of 16 KB',
}

export function sessionTable(priced: readonly Priced[]): string {
  const pair = (one: number, other: number, digits = 0) => `${one.toFixed(digits)} / ${other.toFixed(digits)}`
  const rows = priced.map(({ limpet, connectRedis }) => [
    contents[limpet.shape],
    pair(limpet.bytes, connectRedis.bytes),
    pair(limpet.growth, connectRedis.growth),
    pair(limpet.growth / 1000, connectRedis.growth / 1000, 2),
    pair(limpet.read, connectRedis.read, 1),
    pair(limpet.write, connectRedis.write, 1),
  ])
  const header = [
    'limpet / connect-redis',
    'MEMORY USAGE',
    'used_memory',
    'GB for a million',
    'CPU us, read',
    'CPU us, write',
  ]
  return table(header, rows)
}

/** A write costs with so many backends at most this times what it costs with one. */
const GOAL = 1.2

export function scaleGoals(crowds: readonly Crowd[], priced: readonly Priced[]): string[] {
  const [one, most] = [crowds[0]?.writes.get(0), crowds.at(-1)?.writes.get(0)]
  const verdict = (met: boolean) => (met ? 'met' : 'not met')
  const ratio = (most?.cpu ?? Number.NaN) / (one?.cpu ?? Number.NaN)
  const bytes = (most?.bytesOut ?? Number.NaN) / (one?.bytesOut ?? Number.NaN)
  return [
    `- a write with ${crowds.at(-1)?.backends} backends over one with ${crowds[0]?.backends}, CPU: at most ${GOAL}: ${ratio.toFixed(2)}, ${verdict(ratio <= GOAL)}`,
    `- the same, bytes out: at most ${GOAL}: ${bytes.toFixed(2)}, ${verdict(bytes <= GOAL)}`,
    ...priced.flatMap(({ limpet, connectRedis }) =>
      (['bytes', 'growth'] as const).map((figure) => {
        const name = figure === 'bytes' ? 'MEMORY USAGE' : 'used_memory'
        const share = limpet[figure] / connectRedis[figure]
        return `- ${contents[limpet.shape]}, ${name} over connect-redis': at most 1: ${share.toFixed(2)}, ${verdict(share <= 1)}`
      }),
    ),
  ]
}
