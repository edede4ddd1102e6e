import { memoryStore } from '../../../src/memory/memory-store.ts'
import type { Store } from '../../../src/ports/store.ts'
import { deferred, type FakeClock } from './backend.ts'

/** A store whose answers can be held back: what was asked has happened, and nobody knows yet. */
export function gatedStore(clock: FakeClock) {
  const memory = memoryStore({ now: clock.read })
  let gate: { readonly promise: Promise<void> } | undefined
  const held = <A extends unknown[], R>(run: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      const until = gate?.promise
      const result = await run(...args)
      await until
      return result
    }
  }
  const store: Store = {
    read: held(memory.read),
    write: held(memory.write),
    destroy: held(memory.destroy),
    move: held(memory.move),
    touch: held(memory.touch),
  }
  return {
    store,
    /** From now on answers are held back. Returns what lets those go, and all later ones. */
    hold(): () => void {
      const mine = deferred()
      gate = mine
      return () => {
        if (gate === mine) gate = undefined
        mine.resolve()
      }
    },
    /** Later answers come at once again; those held back stay so. */
    passOthers(): void {
      gate = undefined
    },
  }
}
