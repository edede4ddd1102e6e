import { afterEach, expect, test } from 'vitest'
import { parseArgs, parsePort } from '../../examples/demo/args.ts'
import { causes } from '../../examples/demo/causes.ts'
import { inMemory, withSticky } from '../../examples/demo/keepers.ts'
import { names, serve } from '../../examples/demo/lanes.ts'
import { outcomeOf, type Pair, type Play, play, proven, verdictOf } from '../../examples/demo/play.ts'
import type { Keeper } from '../../examples/demo/shop.ts'

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

test('nothing is proven unless every cause is lost alone and kept with sticky()', () => {
  const pair = (alone: Play['verdict'], sticky: Play['verdict']): Pair => ({
    alone: { verdict: alone, steps: [] },
    sticky: { verdict: sticky, steps: [] },
  })
  const good = pair('lost', 'kept')
  expect(proven([good, good])).toBe(true)
  expect(proven([])).toBe(false)
  for (const bad of [pair('kept', 'kept'), pair('lost', 'lost'), pair('failed', 'kept'), pair('lost', 'failed')]) {
    expect(proven([good, bad])).toBe(false)
  }
})

async function backendsWith(keeper: (name: string) => Keeper): Promise<string[]> {
  const backends = await Promise.all(names.map((name) => serve(name, keeper(name))))
  ends.push(...backends.map((backend) => backend.close))
  return backends.map(({ url }) => url)
}

test('a sticky() whose backends share no store keeps no session, and the judge says so', async () => {
  const secret = 'a secret of the test, long enough for it'
  const alone = await backendsWith(() => inMemory(secret))
  const apart = await backendsWith((id) => withSticky({ secret, backend: { id } }))
  for (const cause of causes) {
    const pair = { alone: await play(cause, alone), sticky: await play(cause, apart) }
    expect([cause.id, pair.sticky.verdict]).toEqual([cause.id, 'lost'])
    expect(proven([pair])).toBe(false)
  }
})

test('a balancer without a fault keeps the session of the lane without sticky(): it is the fault that loses it', async () => {
  const alone = await backendsWith(() => inMemory('a secret of the test, long enough for it'))
  const steps = causes.filter(({ id }) => id === 'persistence-off' || id === 'timeout')
  expect(steps).toHaveLength(2)
  for (const cause of steps) {
    const healthy = { ...cause, balancer: { persistence: true, timeout: 1_000_000 } }
    expect([cause.id, (await play(healthy, alone)).verdict]).toEqual([cause.id, 'kept'])
  }
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
