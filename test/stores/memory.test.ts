import { describe, it } from 'vitest'
import { memoryStore } from '../../src/memory/memory-store.ts'
import { testStore } from '../../src/testing.ts'

testStore({
  name: 'memoryStore',
  describe,
  it,
  shared: false,
  claims: true,
  labels: true,
  createStore: () => memoryStore(),
})

// The same with time as a parameter: nothing waits. The clock begins at 0, as those of tests do.
let now = 0
testStore({
  name: 'memoryStore with a clock of its own',
  describe,
  it,
  shared: false,
  claims: true,
  labels: true,
  createStore() {
    now = 0
    return memoryStore({ now: () => now })
  },
  advance(ms) {
    now += ms
  },
})
