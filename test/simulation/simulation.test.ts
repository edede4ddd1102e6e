import { afterAll, expect, test } from 'vitest'
import { createKeyring } from '../../src/core/keyring.ts'
import type { FindingKind } from '../consistency/checker/exchanges/finding.ts'
import type { Break } from './breaks.ts'
import { parseCli } from './cli.ts'
import { printHistory } from './print.ts'
import { once, planOf, simulate, smallest } from './simulate.ts'
import { sessionOf } from './subject.ts'
import { Team } from './team.ts'
import { VirtualTime } from './time.ts'

const time = VirtualTime.install()
afterAll(() => time.uninstall())

test('the same seed gives the same history', async () => {
  for (let number = 1; number <= 30; number++) {
    const [first, second] = [await once(planOf(3, number), time), await once(planOf(3, number), time)]
    expect(printHistory(planOf(3, number), second.history, [])).toBe(printHistory(planOf(3, number), first.history, []))
    expect(second.history.exchanges.length).toBeGreaterThan(20)
  }
})

test('it does not matter how many processes play, and what is found is told alike', async () => {
  const terms = { seed: 3, broken: 'absence', faults: undefined } as const
  const teams = await Promise.all([1, 3].map((workers) => Team.assemble({ ...terms, workers })))
  try {
    const [alone, together] = await Promise.all(
      teams.map(async (team) => {
        const summary = await team.play(400)
        return { summary, stories: await Promise.all(summary.found.map((found) => team.story(found))) }
      }),
    )
    expect(alone?.summary).toMatchObject({ histories: 400, found: [{ kind: 'lost-write' }, { kind: 'lost-update' }] })
    expect(together).toEqual(alone)
    const { fingerprint } = await simulate(time, { ...terms, histories: 400 })
    expect(fingerprint).toBe(alone?.summary.fingerprint)
  } finally {
    await Promise.all(teams.map((team) => team.dismiss()))
  }
}, 120_000)

test('another history, another fingerprint', async () => {
  const all: number[] = []
  for (const seed of [1, 2, 3, 4]) all.push((await simulate(time, { seed, histories: 1 })).fingerprint)
  expect(new Set(all).size).toBe(4)
})

test('the session that a cookie names', () => {
  const token = {
    id: 'abcdefghijklmnopqrstuvwx',
    owner: 'b0',
    boot: 'bootboot',
    version: 40,
    createdAt: 1,
    touchedAt: 2,
    issuedAt: 3,
    lifetime: undefined,
    pendingFrom: 'ab3456789012345678901234',
  }
  expect(sessionOf(createKeyring(['a secret of 32 bytes, or even more'], 'limpet').sign(token))).toBe(token.id)
})

test('a history has at least 30 operations', async () => {
  const { least } = await simulate(time, { seed: 4, histories: 200 })
  expect(least).toBeGreaterThanOrEqual(30)
})

/** A checker that has never been seen to fail proves nothing: each law is taken out of limpet, and has to be missed. */
const laws: readonly [law: Break, missed: readonly FindingKind[]][] = [
  ['version', ['read-your-writes', 'monotonic-reads', 'lost-cart', 'lost-write']],
  ['cas', ['lost-update']],
  ['tombstone', ['survived-logout', 'resurrected']],
  ['absence', ['lost-write']],
  ['successors', ['survived-logout']],
  ['snapshot', ['lost-cart']],
  ['fork', ['forked']],
  ['latecomers', ['survived-logout']],
  ['ends', ['logout-forgotten']],
  ['clock', ['session-lost']],
  ['expired', ['false-announcement']],
]

test.each(laws)(
  'limpet without its %s is caught, and the history that shows it is small',
  async (law, missed) => {
    let number = 0
    let kind: FindingKind | undefined
    await simulate(time, {
      seed: 11,
      histories: 3000,
      broken: law,
      each: (at, { findings }) => {
        number = at
        kind = findings.find((one) => missed.includes(one.kind))?.kind
        return kind !== undefined
      },
    })
    if (kind === undefined) throw new Error(`nothing was missed in ${number} histories`)
    const { plan, history, findings } = await smallest(planOf(11, number), kind, time, law)
    const story = printHistory(plan, history, findings)
    expect(findings.map((one) => one.kind)).toContain(kind)
    expect(plan.steps.length, story).toBeLessThan(15)
    expect(plan.faults.length, story).toBeLessThan(4)
  },
  60_000,
)

test('the arguments of the command', () => {
  const { seed, histories, broken, faults } = parseCli([
    '--seed',
    '7',
    '--histories',
    '5',
    '--break',
    'cas',
    '--faults',
    'none',
  ])
  expect({ seed, histories, broken, faults }).toEqual({ seed: 7, histories: 5, broken: 'cas', faults: [] })
  expect(() => parseCli(['--break', 'nothing'])).toThrow('there is no "nothing"')
  expect(() => parseCli(['--faults', 'rain'])).toThrow('there is no "rain"')
  expect(() => parseCli(['--seed', 'x'])).toThrow('--seed takes a whole number')
})
