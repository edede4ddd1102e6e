import { expect, test } from 'vitest'
import { check } from './checker/check.ts'
import { Random } from './driver/random.ts'
import type { History, Op, Outcome, Value } from './history.ts'

/** One request of an imagined client: sent, carried out at some moment, answered. */
interface Plan {
  readonly kind: 'read' | 'write' | 'add'
  readonly key: string
  readonly sent: number
  readonly done: number
  readonly answered: number
  readonly outcome: Outcome
}

interface State {
  readonly data: ReadonlyMap<string, Value>
  /** Names of all writes that led here. */
  readonly writes: ReadonlySet<number>
}

/**
 * A perfect library on a store that sometimes goes back to an earlier state: each request brings the names of all writes that its client has
 * seen, and is told when some are gone. Whatever overlaps, and whichever answers are lost, the checker must have nothing to say.
 */
function simulate(seed: number, tells = true): History {
  const random = new Random(seed)
  const plans = Array.from({ length: 30 }, () => plan(random))
  const rollbacks = Array.from({ length: random.between(0, 2) }, () => random.next() * 100)
  const ops: Op[] = []
  let state: State = { data: new Map(), writes: new Set() }
  let past = [state]
  const seen = new Set<number>()
  const moments = rollbacks.map((time) => ({ time, run: rollBack }))
  for (const [index, one] of plans.entries()) moments.push(...steps(one, index + 1))
  for (const { run } of moments.sort((a, b) => a.time - b.time)) run()
  return { ops, faults: rollbacks.map((time) => ({ name: 'failover', start: time, end: time, lossy: true })) }

  function rollBack(): void {
    state = random.pick(past)
    past = [state]
  }

  function steps({ kind, key, sent, done, answered, outcome }: Plan, id: number) {
    let token: number[] = []
    let shown: State = state
    let gone: number[] = []
    let value: Value = kind === 'write' ? `v${id}` : null
    const send = () => {
      token = [...seen]
    }
    const carryOut = () => {
      gone = token.filter((write) => !state.writes.has(write))
      if (kind === 'read') value = state.data.get(key) ?? null
      if (kind === 'add') value = Number(state.data.get(key) ?? 0) + 1
      if (kind !== 'read') {
        state = { data: new Map(state.data).set(key, value), writes: new Set([...state.writes, id]) }
        past.push(state)
      }
      shown = state
    }
    const answer = () => {
      const known = outcome === 'ok'
      const behind = tells && known && gone.length > 0
      if (known) for (const write of shown.writes) seen.add(write)
      if (known) for (const write of gone) seen.delete(write)
      const common = {
        id,
        client: 0,
        incarnation: 1,
        kind,
        key,
        value,
        invoke: sent,
        finish: answered,
        outcome,
        behind,
      }
      ops.push({ ...common, stale: false, backend: 0, cookieFrom: id - 1 || -1, session: '', detail: '' })
    }
    return [
      { time: sent, run: send },
      ...(done < Number.POSITIVE_INFINITY ? [{ time: done, run: carryOut }] : []),
      { time: answered, run: answer },
    ]
  }
}

function plan(random: Random): Plan {
  const sent = random.next() * 100
  const length = random.chance(0.2) ? 30 : 4
  const answered = sent + random.next() * length
  const outcome = random.pick(['ok', 'ok', 'ok', 'ok', 'unknown', 'fail'] as const)
  const kind = random.pick(['read', 'write', 'add'] as const)
  const inTime = sent + random.next() * (answered - sent)
  // Without an answer it may happen later, or not at all; a failed one does not happen.
  const late = random.pick([inTime, answered + random.next() * 40, Number.POSITIVE_INFINITY])
  const done = outcome === 'ok' ? inTime : outcome === 'fail' ? Number.POSITIVE_INFINITY : late
  return { kind, key: kind === 'add' ? 'n' : random.pick(['j', 'k']), sent, done, answered, outcome }
}

test('nothing is found in what a perfect library leaves, with rollbacks, overlap and lost answers', () => {
  let announced = 0
  for (let seed = 1; seed <= 3000; seed++) {
    const report = check(simulate(seed))
    expect(report.violations, `seed ${seed}`).toEqual([])
    announced += report.announcedBehind
  }
  expect(announced).toBeGreaterThan(1000)
})

test('the same without a word about the rollbacks: the losses are found', () => {
  let found = 0
  for (let seed = 1; seed <= 300; seed++) found += check(simulate(seed, false)).violations.length
  expect(found).toBeGreaterThan(100)
})
