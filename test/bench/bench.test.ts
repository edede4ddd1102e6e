import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parseCommandStats } from '../../bench/lib/commands.ts'
import type { Report } from '../../bench/lib/report.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

function bench(script: string, args: readonly string[]) {
  return run(process.execPath, ['--import', 'tsx', `bench/${script}.ts`, ...args], { cwd: root })
}

test('the bench measures ratios, and counts the Redis commands of a request', { timeout: 120_000 }, async () => {
  const only = 'express-limpet-cookie,express-limpet-read,koa-limpet-read-store,koa-limpet-write,koa-session-write'
  const { stdout } = await bench(
    'requests',
    `--rounds 1 --seconds 1 --warm-up 0.5 --connections 5 --json --only ${only}`.split(' '),
  )
  const { results, goals } = JSON.parse(stdout) as Report
  const of = (name: string) => results.find((result) => result.name === name)

  expect(results.map(({ name }) => name).sort()).toEqual([...only.split(','), 'express-bare', 'koa-bare'].sort())
  expect(of('koa-bare')?.ratio.median).toBe(1)
  for (const { ratio, cpuPerRequest } of results) {
    expect(ratio.median).toBeGreaterThan(0)
    expect(cpuPerRequest.median).toBeGreaterThan(0)
  }

  expect(of('express-bare')?.commands).toEqual({})
  expect(of('express-limpet-cookie')?.commands).toEqual({})
  expect(of('express-limpet-read')?.commandsPerRequest).toBeLessThanOrEqual(0.01)
  expect(of('koa-limpet-read-store')?.commandsPerRequest).toBeCloseTo(1, 2)
  expect(of('koa-limpet-write')?.commandsPerRequest).toBeCloseTo(1, 2)
  expect(of('koa-session-write')?.commands).toEqual({ get: expect.closeTo(1, 2), psetex: expect.closeTo(1, 2) })

  expect(goals.filter(({ text }) => text.includes('Redis commands')).map(({ met }) => met)).toEqual([true, true])
})

test.each([
  ['requests', '--rundes', "Unknown option '--rundes'"],
  ['requests', '--only=express-limpet', 'no subject "express-limpet". One of: express-bare,'],
  ['requests', '--rounds=0', '--rounds must be a number above 0, not "0"'],
  ['memory', '--entries=1.5', '--entries must be a whole number, not "1.5"'],
  ['profile', '--node=/nowhere/node', '"/nowhere/node" is not a program'],
])('%s says what is wrong with %s', async (script, flag, message) => {
  await expect(bench(script, [flag])).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(message) })
})

test('commandstats are read command by command, subcommands too', () => {
  const info = '# Commandstats\r\ncmdstat_get:calls=12,usec=30\r\ncmdstat_client|setinfo:calls=2,usec=4\r\n'
  expect([...parseCommandStats(info)]).toEqual([
    ['get', 12],
    ['client|setinfo', 2],
  ])
})
