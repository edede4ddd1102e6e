import type { SessionPrice } from './session-price.ts'
import { table } from './table.ts'
import type { Crowd, Price } from './write-price.ts'

/** What clients do: stated beside every sum, to be changed by the reader. */
export const TRAFFIC = {
  requestsPerBackend: 10_000,
  /** Each session sends one request a second. */
  sessionsPerBackend: 10_000,
  writes: 1 / 100,
  /** Logins and logouts. */
  ends: 1 / 10_000,
  /** Seconds between two reads of a copy that is in use. */
  refresh: 8,
}

/** Microseconds of Redis' CPU, and bytes. */
export interface Prices {
  readonly write: Price
  readonly read: { readonly cpu: number; readonly bytes: number }
  /** With nobody to tell, and for each backend that is told. */
  readonly end: { readonly alone: number; readonly each: number; readonly bytesEach: number }
  readonly idle: { readonly cpu: number }
  readonly connections: number
  readonly session: number
}

export function pricesOf(crowds: readonly Crowd[], { read, readBytes, growth }: SessionPrice): Prices {
  const [alone, most] = [crowds[0], crowds.at(-1)]
  const write = most?.writes.get(0)
  if (!alone || !most || !write || alone === most) throw new Error('sums need two sizes at least')
  const more = most.backends - alone.backends
  return {
    write,
    read: { cpu: read, bytes: readBytes },
    end: {
      alone: alone.logout.cpu,
      each: Math.max(0, (most.logout.cpu - alone.logout.cpu) / more),
      bytesEach: (most.logout.bytesOut - alone.logout.bytesOut) / more,
    },
    idle: most.idle,
    connections: most.memory,
    session: growth,
  }
}

export interface Sum {
  readonly backends: number
  readonly commands: number
  /** Seconds of Redis' CPU in a second: it has one core. */
  readonly cores: number
  readonly parts: { readonly writes: number; readonly reads: number; readonly ends: number; readonly idle: number }
  readonly megabytesOut: number
  readonly heard: number
  readonly connections: number
  readonly connectionBytes: number
  readonly sessionBytes: number
  readonly tracked: number
}

export function sumOf(backends: number, prices: Prices): Sum {
  const requests = TRAFFIC.requestsPerBackend * backends
  const [writes, ends] = [requests * TRAFFIC.writes, requests * TRAFFIC.ends]
  const sessions = TRAFFIC.sessionsPerBackend * backends
  const reads = sessions / TRAFFIC.refresh
  // Both connections are asked every two and a half seconds.
  const pings = (2 * backends) / 2.5
  const parts = {
    writes: (writes * prices.write.cpu) / 1e6,
    reads: (reads * prices.read.cpu) / 1e6,
    ends: (ends * (prices.end.alone + prices.end.each * backends)) / 1e6,
    idle: (backends * prices.idle.cpu) / 1e6,
  }
  return {
    backends,
    commands: writes + reads + ends + pings,
    cores: parts.writes + parts.reads + parts.ends + parts.idle,
    parts,
    megabytesOut:
      (writes * prices.write.bytesOut + reads * prices.read.bytes + ends * prices.end.bytesEach * backends) / 1e6,
    heard: ends,
    connections: 2 * backends,
    connectionBytes: prices.connections * backends,
    sessionBytes: prices.session * sessions,
    tracked: sessions,
  }
}

/** The number of backends that fill one core of Redis, each with the traffic above. */
export function fullAt(prices: Prices): number {
  let [low, high] = [1, 100_000]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (sumOf(middle, prices).cores > 1) high = middle
    else low = middle
  }
  return low
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US')
const megabytes = (bytes: number) => `${whole(bytes / 1e6)} MB`

export function sumTable(sizes: readonly number[], prices: Prices): string {
  const sums = sizes.map((backends) => sumOf(backends, prices))
  const rows: [string, (sum: Sum) => string][] = [
    ['requests a second', ({ backends }) => whole(backends * TRAFFIC.requestsPerBackend)],
    ['Redis commands a second', ({ commands }) => whole(commands)],
    ['cores of Redis', ({ cores }) => cores.toFixed(2)],
    ['- for writes', ({ parts }) => parts.writes.toFixed(3)],
    ['- for copies that are read again', ({ parts }) => parts.reads.toFixed(3)],
    ['- for logins and logouts, told to all', ({ parts }) => parts.ends.toFixed(3)],
    ['- for connections that are looked after', ({ parts }) => parts.idle.toFixed(3)],
    ['MB a second out of Redis', ({ megabytesOut }) => megabytesOut.toFixed(1)],
    ['messages a second that each backend hears', ({ heard }) => whole(heard)],
    ['connections', ({ connections }) => whole(connections)],
    ['memory of Redis for connections', ({ connectionBytes }) => megabytes(connectionBytes)],
    ['memory of Redis for sessions that are in use', ({ sessionBytes }) => megabytes(sessionBytes)],
    ['sessions in the table of who has read what', ({ tracked }) => whole(tracked)],
  ]
  return table(
    ['', ...sizes.map((size) => `${whole(size)} backends`)],
    rows.map(([label, cell]) => [label, ...sums.map(cell)]),
  )
}
