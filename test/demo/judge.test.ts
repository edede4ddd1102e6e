import { afterEach, expect, test } from 'vitest'
import { parseArgs, parsePort } from '../../examples/demo/args.ts'
import { causes } from '../../examples/demo/causes.ts'
import { type Keeper, withExpressSession, withSticky } from '../../examples/demo/keepers.ts'
import { type Lanes, lanesInProcess, names, serve, startLanes } from '../../examples/demo/lanes.ts'
import { causeExpects, outcomeOf, play, proven, type Verdict, verdictOf } from '../../examples/demo/play.ts'
import { startPrices } from '../../examples/demo/prices.ts'
import { Regulars } from '../../examples/demo/regulars.ts'
import { trials, tryAll } from '../../examples/demo/trials.ts'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const begins = { method: 'POST', path: '/cart', begins: 200 } as const
const looks = { method: 'GET', path: '/cart' } as const
const account = { method: 'GET', path: '/account' } as const

test.each([
  [begins, { status: 200, body: { cart: ['lamp'] } }, 'begins'],
  [begins, { status: 500, body: {} }, 'failed'],
  [begins, { status: 404, body: { cart: ['lamp'] } }, 'failed'],
  [looks, { status: 200, body: { cart: ['lamp'] } }, 'kept'],
  [looks, { status: 200, body: { cart: [] } }, 'lost'],
  [looks, { status: 500, body: { cart: ['lamp'] } }, 'failed'],
  [looks, { status: 502, body: 'balancer: the backend did not answer' }, 'failed'],
  [looks, { status: 200, body: null }, 'failed'],
  [account, { status: 200, body: { visitor: 'signed in' } }, 'kept'],
  [account, { status: 200, body: {} }, 'lost'],
  [account, { status: 401, body: { error: 'please sign in' } }, 'lost'],
] as const)('%o answered by %o: %s', (step, answer, outcome) => {
  expect(outcomeOf(step, answer)).toBe(outcome)
})

test.each([
  [['begins', 'kept', 'kept'], 'kept'],
  [['begins', 'lost', 'kept'], 'lost'],
  [['begins', 'kept', 'lost'], 'lost'],
  [['begins', 'lost', 'failed'], 'failed'],
  [['begins'], 'failed'],
  [['kept'], 'failed'],
  [[], 'failed'],
] as const)('%j is %s', (outcomes, verdict) => {
  expect(verdictOf(outcomes.map((outcome) => ({ outcome })))).toBe(verdict)
})

test('nothing is proven unless every lane does what was said of it', () => {
  const shown = (alone: Verdict, shared: Verdict, sticky: Verdict) => ({
    expects: causeExpects,
    results: { alone: { verdict: alone }, shared: { verdict: shared }, sticky: { verdict: sticky } },
  })
  const good = shown('lost', 'kept', 'kept')
  expect(proven([good, good])).toBe(true)
  expect(proven([])).toBe(false)
  const bad = [shown('kept', 'kept', 'kept'), shown('lost', 'lost', 'kept'), shown('lost', 'kept', 'failed')]
  for (const one of bad) expect(proven([good, one])).toBe(false)
})

const secret = 'a secret of the test, long enough for it'

async function backendsWith(keeper: (name: string) => Keeper): Promise<string[]> {
  const prices = await startPrices()
  const backends = await Promise.all(names.map((name) => serve(name, keeper(name), prices.url)))
  ends.push(...backends.map((backend) => backend.close), prices.close)
  return backends.map(({ url }) => url)
}

test('a sticky() whose backends share no store keeps no session, and the judge says so', async () => {
  const apart = await backendsWith((id) => withSticky({ secret, backend: { id } }))
  for (const cause of causes) expect([cause.id, (await play(cause, apart)).verdict]).toEqual([cause.id, 'lost'])
})

test('a balancer without a fault keeps the session of the lane without sticky(): it is the fault that loses it', async () => {
  const alone = await backendsWith(() => withExpressSession(secret))
  const steps = causes.filter(({ id }) => id === 'persistence-off' || id === 'timeout')
  expect(steps).toHaveLength(2)
  for (const cause of steps) {
    const healthy = { ...cause, balancer: { persistence: true, timeout: 1_000_000 } }
    expect([cause.id, (await play(healthy, alone)).verdict]).toEqual([cause.id, 'kept'])
  }
})

async function lanesOf(starting: Promise<Lanes>): Promise<Lanes> {
  const lanes = await starting
  ends.push(lanes.close)
  return lanes
}

test('trials: the same code loses with the other keeper, so the keeper is what is tried', async () => {
  // express-session in the lane of limpet, each backend with a memory of its own.
  const start = (name: string, prices: string) => serve(name, withExpressSession(secret), prices)
  const lanes = await lanesOf(startLanes((_lane, name, prices) => start(name, prices)))
  for (const trial of trials) {
    const results = await tryAll(trial, lanes)
    expect([trial.id, results.sticky.verdict]).toEqual([trial.id, 'lost'])
    expect(proven([{ expects: trial.expects, results }])).toBe(false)
  }
})

test('trials: a shop that answers with errors has failed, it has not lost anything', async () => {
  const broken: Keeper = { ...withExpressSession(secret), add: () => Promise.reject(new Error('no room')) }
  const lanes = await lanesOf(startLanes((_lane, name, prices) => serve(name, broken, prices)))
  for (const trial of trials) expect((await tryAll(trial, lanes)).shared.verdict).toBe('failed')
})

test('how many at once is what is added at once', async () => {
  const lanes = await lanesOf(lanesInProcess())
  const [tabs] = trials
  expect(tabs && (await tryAll(tabs, lanes, { atOnce: 7 })).sticky.text).toBe('kept 8 of 8')
})

test('a client that stays: stopping the backend it was on loses its cart in the lane that shares nothing', async () => {
  const lanes = await lanesOf(lanesInProcess())
  const regulars = new Regulars(lanes)
  ends.unshift(() => regulars.close())
  const texts = async (stopped?: 'b1' | 'b2') => Object.values(await regulars.stop(stopped)).map(({ text }) => text)
  expect(await texts()).toEqual(['kept, asked b1', 'kept, asked b1', 'kept, asked b1'])
  expect(await texts('b2')).toEqual(['kept, asked b1', 'kept, asked b1', 'kept, asked b1'])
  expect(lanes.alone.running()).toEqual(['b1', 'b3'])
  const [alone, ...others] = await texts('b1')
  expect(alone).toMatch(/^lost, asked b[23]$/)
  expect(others).toEqual([expect.stringMatching(/^kept, asked b[23]$/), expect.stringMatching(/^kept, asked b[23]$/)])
  expect(lanes.alone.running()).toEqual(['b2', 'b3'])
})

test('options: known ones are read, unknown ones answered with what to write', () => {
  expect(parseArgs([])).toEqual({ once: false, redis: false, help: false })
  expect(parseArgs(['--once', '--redis'])).toEqual({ once: true, redis: true, help: false })
  for (const wrong of ['--onec', 'once', '-1', '--redis=x', '']) {
    expect(() => parseArgs([wrong])).toThrow(`"${wrong}" is not an option of the demo. Write:\n\nnpm run demo `)
  }
})

test('PORT: a number, or a sentence that says so', () => {
  expect([parsePort(undefined), parsePort(''), parsePort('0'), parsePort('8080')]).toEqual([3000, 3000, 0, 8080])
  for (const wrong of ['x', '-1', '65536', '80.5']) expect(() => parsePort(wrong)).toThrow('PORT=3100')
})
