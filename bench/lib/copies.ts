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
export function copiesOnHeap(configured = CACHE_LIMITS.maxBytes): CopiesOnHeap[] {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const reachable = () => {
    collect()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  return Object.entries(SHAPES).map(([shape, entriesOf]) => {
    const before = reachable()
    const cache = new SessionCache({ ...CACHE_LIMITS, maxBytes: configured, max: 1_000_000 })
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
    const measured = reachable() - before
    cache.closeChannels()
    return { shape, kept, configured, measured }
  })
}

function idOf(n: number): string {
  return n.toString(36).padStart(24, 'A')
}
