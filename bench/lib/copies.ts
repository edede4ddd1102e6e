import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CACHE_LIMITS, SessionCache } from '../../src/engine/process/session-cache.ts'
import { parseStored } from '../../src/redis/stored.ts'

export interface CopiesOnHeap {
  readonly shape: string
  /** How many copies fit. */
  readonly kept: number
  /** Bytes that were configured, and that are reachable because of them. */
  readonly configured: number
  readonly measured: number
}

/** Entries of one session; `n` makes each session another one. */
type Shape = (n: number) => readonly (readonly [key: string, json: string])[]

const keys = (count: number, text: (i: number) => string): readonly (readonly [string, string])[] =>
  Array.from({ length: count }, (_, i) => [`k${i}`, text(i)] as const)

/** What sessions look like, and what is worst for a cache that counts. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'user and csrf token': (n) => [
    ['user', `"user-${n}"`],
    ['csrf', `"${'c'.repeat(32)}${n}"`],
  ],
  'five keys, one of 200 characters': (n) => [...keys(4, (i) => `"${n}-${i}"`), ['note', `"${'x'.repeat(190)}${n}"`]],
  '50 keys of 20 bytes': (n) => keys(50, (i) => `"${String(n * 50 + i).padStart(18, '0')}"`),
  '9,300 keys of one byte': () => keys(9300, (i) => String(i % 10)),
  'one text of 16 KB': (n) => [['text', `"${'x'.repeat(16_000)}${n}"`]],
  'one text of 16 KB, two bytes a character': (n) => [['text', `"${'\u4e2d'.repeat(8000)}${n}"`]],
}

/** Fills a cache with copies as Redis sends them, until old ones go for new ones, and looks what is reachable because of it. */
export async function copiesOnHeap(configured = CACHE_LIMITS.maxBytes): Promise<CopiesOnHeap[]> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const found: CopiesOnHeap[] = []
  for (const shape of Object.keys(SHAPES)) found.push(await measure(shape, configured, collect))
  return found
}

/** In a function of its own: a variable that is not used any more keeps its cache until the function ends. */
async function measure(shape: string, configured: number, collect: () => void): Promise<CopiesOnHeap> {
  const before = await reachable(collect)
  const { cache, kept } = filled(SHAPES[shape] ?? (() => []), configured)
  const measured = (await reachable(collect)) - before
  cache.closeChannels()
  return { shape, kept, configured, measured }
}

function filled(entriesOf: Shape, maxBytes: number): { cache: SessionCache; kept: number } {
  const cache = new SessionCache({ ...CACHE_LIMITS, maxBytes, max: 1_000_000 })
  cache.openChannel()(true)
  const when = { at: 0, generation: cache.generation }
  let kept = 0
  // Until the first one has gone.
  while (kept === 0 || cache.current(idOf(0), 0, 0)) {
    const lines = entriesOf(kept).map(([key, json]) => `\n${JSON.stringify(key)}\t${json}`)
    // Each reply comes as bytes of its own.
    const stored = parseStored(Buffer.from(`1 0${lines.join('')}`).toString())
    if (stored) cache.keep(idOf(kept++), stored, when)
  }
  return { cache, kept }
}

/** Bytes that are still there when collecting finds nothing more: what has just been let go is not always found at once. */
async function reachable(collect: () => void): Promise<number> {
  let last = Number.POSITIVE_INFINITY
  for (let i = 0; i < 20; i++) {
    await nextTurn()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    const now = heapUsed + external
    if (i > 1 && Math.abs(last - now) < 65_536) return now
    last = now
  }
  return last
}

function idOf(n: number): string {
  return n.toString(36).padStart(24, 'A')
}
