import { expect, test } from 'vitest'
import { parseCli } from './cli.ts'

test('without arguments: 20 seconds of limpet with every fault', () => {
  const options = parseCli([])
  expect(options).toMatchObject({ seconds: 20, targets: ['limpet'], broken: undefined, markdown: false })
  expect(options.faults).toContain('failover')
  expect(options.seed).toBeGreaterThanOrEqual(0)
})

test('everything that can be said', () => {
  const said = [
    '--seconds',
    '300',
    '--seed',
    '7',
    '--target',
    'all',
    '--faults',
    'kill,hold',
    '--break',
    'cas',
    '--markdown',
    '--history',
    'history.json',
  ]
  expect(parseCli(said)).toEqual({
    seconds: 300,
    seed: 7,
    targets: ['limpet', 'express-session', 'koa-session', 'fastify-session'],
    faults: ['kill', 'hold'],
    broken: 'cas',
    markdown: true,
    history: 'history.json',
  })
  expect(parseCli(['--faults', 'none']).faults).toEqual([])
})

test.each([
  [['--secnods', '3'], /Unknown option '--secnods'/],
  [['stray'], /stray/],
  [['--seconds', 'many'], /--seconds takes a whole number, not "many"/],
  [['--target', 'koa'], /--target: there is no "koa". One of: limpet/],
  [['--faults', 'kill,flood'], /--faults: there is no "flood". One of: kill/],
  [['--break', 'all'], /--break: there is no "all". One of: version, cas, claim, tombstone/],
  [['--break', 'cas', '--target', 'koa-session'], /--break is for --target limpet/],
])('%j is refused with a reason', (argv, reason) => {
  expect(() => parseCli(argv)).toThrow(reason)
})
