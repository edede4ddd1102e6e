// npm run bench:memory: bytes in Redis per session, what local copies take of a backend's heap whatever their shape, and what remembered tokens do.
import { type CopiesOnHeap, copiesOnHeap } from './lib/copies.ts'
import { intoDocs } from './lib/docs.ts'
import { describe, environment } from './lib/environment.ts'
import { type HeapGrowth, heapGrowth } from './lib/heap.ts'
import { parseFlags, positiveInteger, runMain } from './lib/options.ts'
import { type RedisMemory, redisMemory } from './lib/redis-memory.ts'
import { table } from './lib/table.ts'

const flags = {
  sessions: { type: 'string', help: 'how many sessions Redis is asked about (2000)' },
  entries: { type: 'string', help: 'how many tokens, and sessions, a backend is shown (100000)' },
  others: { type: 'string', help: 'bytes of other cookies beside ours in each request (500)' },
  docs: { type: 'boolean', help: 'put the tables into docs/performance.md' },
  json: { type: 'boolean', help: 'print everything as JSON' },
} as const

const inRedis = [
  ['limpet', 'express-limpet-write'],
  ['express-session + connect-redis', 'express-session-write'],
  ['koa-session + ioredis', 'koa-session-write'],
] as const

const contents = {
  small: 'user, csrf token',
  typical: 'five keys, one of 200 characters',
  large: 'user, csrf token, a text of 16 KB',
}

function redisTable(measured: readonly (RedisMemory & { readonly label: string })[]): string {
  const rows = measured.map(({ label, session, bytesPerSession, growthPerSession, keysPerSession }) => [
    `${label}: ${contents[session]}`,
    bytesPerSession.toFixed(0),
    growthPerSession.toFixed(0),
    keysPerSession.toFixed(2),
  ])
  return table(['one session in Redis', 'MEMORY USAGE', 'used_memory', 'keys'], rows)
}

function heapTable(tokens: HeapGrowth, both: HeapGrowth, entries: number): string {
  const row = (label: string, bytesPerEntry: number, kept: number) => [
    label,
    bytesPerEntry.toFixed(0),
    `${((bytesPerEntry * 100_000) / 1e6).toFixed(1)}`,
    kept < entries ? `${kept} (then an old one goes for each new one)` : `all ${entries}`,
  ]
  return table(
    ['heap of a backend', 'bytes per entry', 'MB per 100,000', 'kept'],
    [
      row('remembered token', tokens.bytesPerEntry, tokens.kept),
      row('local copy (beside its token)', both.bytesPerEntry - tokens.bytesPerEntry, both.kept),
    ],
  )
}

function copiesTable(measured: readonly CopiesOnHeap[]): string {
  const rows = measured.map(({ shape, kept, configured, measured: bytes }) => [
    shape,
    String(kept),
    (configured / 2 ** 20).toFixed(0),
    (bytes / 2 ** 20).toFixed(0),
    (bytes / configured).toFixed(2),
  ])
  return table(['local copies of sessions with', 'kept', 'MB configured', 'MB of heap', 'ratio'], rows)
}

runMain(async () => {
  const args = process.argv.slice(2)
  const options = parseFlags(flags, args)
  const sessions = positiveInteger('sessions', options.sessions, 2000)
  const entries = positiveInteger('entries', options.entries, 100_000)
  const others = positiveInteger('others', options.others, 500)
  const copies = await copiesOnHeap()
  const redis = []
  for (const session of ['small', 'typical', 'large'] as const) {
    for (const [label, subject] of inRedis) {
      redis.push({ label, ...(await redisMemory(subject, session, sessions)) })
    }
  }
  const heap = await heapGrowth(entries, others)
  const made = environment('bench:memory', args, process.execPath)
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ environment: made, redis, copies, heap }, null, 2)}\n`)
    return
  }
  const how = [
    'Real HTTP requests on the loopback, with other cookies beside ours. Heap: one backend gives the cookies out, a',
    'second one is shown each of them once; what is reachable (heap and buffers) after two full collections, per cookie.',
  ].join('\n')
  const parts = [redisTable(redis), copiesTable(copies), heapTable(heap.tokens, heap.tokensAndCopies, entries), how]
  const text = [...parts, `${describe(made)}. Made by \`${made.command}\`.`].join('\n\n')
  process.stdout.write(`${text}\n`)
  if (options.docs) intoDocs('performance.md', 'memory', text)
})
