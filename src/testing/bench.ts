import assert from 'node:assert/strict'
import type { Store } from '../ports/store.ts'
import type { Need, StoreCase, StoreSetup } from './setup.ts'

/** What a case works with. */
export interface Bench {
  /** Two backends' stores over the same data; the same store twice where backends share nothing. */
  readonly a: Store
  readonly b: Store
  readonly setup: StoreSetup
  /** A new id: 24 characters of base64url. */
  id(): string
  /** A new id that data may be moved to: it keeps the first two characters. */
  successor(id: string): string
  /** Milliseconds of a steady clock; time that the setup lets pass included. */
  now(): number
  /** Has something ended when the case is over, before its stores are. */
  onEnd(end: () => unknown): void
  /** Waits until the condition holds; fails with `what` when that takes too long. */
  until(what: string, condition: () => Promise<boolean> | boolean): Promise<void>
}

const PATIENCE = 4000
/** Milliseconds between two looks at a condition. */
const PAUSE = 20

export function storeCase(title: string, work: (bench: Bench) => Promise<void>, ...needs: Need[]): StoreCase {
  return { title, needs, run: (setup) => withBench(setup, work) }
}

async function withBench(setup: StoreSetup, work: (bench: Bench) => Promise<void>): Promise<void> {
  const ends: (() => unknown)[] = []
  const onEnd = (one: () => unknown) => void ends.push(one)
  const open = async () => {
    const store = await setup.createStore(onEnd)
    ends.push(() => store.close?.())
    return store
  }
  const end = async () => {
    for (const one of ends.reverse()) await one()
  }
  try {
    const a = await open()
    const b = setup.shared === false ? a : await open()
    await work({ a, b, setup, onEnd, id, successor, ...time(setup) })
  } catch (failure) {
    // What fails while a failed case is cleared away is not the reason.
    await end().catch(() => undefined)
    throw failure
  }
  await end()
}

function time({ advance, patience = PATIENCE }: StoreSetup): Pick<Bench, 'now' | 'until'> {
  let advanced = 0
  const now = () => performance.now() + advanced
  const pause = async () => {
    if (!advance) return new Promise<void>((resolve) => setTimeout(resolve, PAUSE))
    await advance(PAUSE)
    advanced += PAUSE
  }
  const until: Bench['until'] = async (what, condition) => {
    const end = now() + patience
    while (!(await condition())) {
      if (now() > end) assert.fail(`${what}: not within ${patience} ms`)
      await pause()
    }
  }
  return { now, until }
}

function id(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(18))).toString('base64url')
}

function successor(before: string): string {
  return before.slice(0, 2) + id().slice(2)
}
