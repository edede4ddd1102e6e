import { describe, it } from 'vitest'
import { memoryStore } from '../../src/memory/memory-store.ts'
import { testStore } from '../../src/testing.ts'
import { Random } from '../consistency/driver/random.ts'
import { CALM, RemoteStore } from './link.ts'

// The model is a store like any other as long as nothing is delayed, lost or down.
let now = 0
const time = {
  get now() {
    return now
  },
  after: (delay: number, event: () => void) => void setTimeout(event, delay),
  sleep: (delay: number) => new Promise<void>((resolve) => setTimeout(resolve, delay)),
}
const remote = new RemoteStore((now) => memoryStore({ now }), time, CALM)

testStore({
  name: "the simulation's store",
  describe,
  it,
  watches: true,
  createStore: () => remote.connect(new Random(1)).store,
  advance: (ms) => {
    now += ms
  },
})
