import { AssertionError } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/memory/memory-store.ts'
import type { Store } from '../../src/ports/store.ts'
import { type StoreCase, storeCases, testStore } from '../../src/testing.ts'

const inMemory = { shared: false, createStore: () => memoryStore() }

/** Registers with a runner that only writes down. */
function registered(options: Partial<Parameters<typeof testStore>[0]>) {
  const titles: string[] = []
  testStore({ ...inMemory, ...options, it: (title) => titles.push(title) })
  return titles
}

const needing = (...needs: string[]) =>
  storeCases.filter((one) => one.needs.some((need) => needs.includes(need))).map(({ title }) => title)

function caseOf(title: string): StoreCase {
  const found = storeCases.find((one) => one.title.startsWith(title))
  if (!found) throw new Error(`no case begins with "${title}"`)
  return found
}

describe('testStore', () => {
  test('registers each case once, and none that the setup cannot run', () => {
    const titles = registered({})
    const extras = ['watches', 'claims', 'labels', 'loseEverything', 'advance']
    expect(new Set(titles).size).toBe(titles.length)
    const all = storeCases.map(({ title }) => title)
    expect(titles).toEqual(all.filter((title) => !needing(...extras).includes(title)))
    const nothing = () => undefined
    expect(
      registered({ watches: true, claims: true, labels: true, loseEverything: nothing, advance: nothing }),
    ).toEqual(all)
  })

  test('leaves out by need', () => {
    const watching = registered({ watches: true })
    expect(watching).toEqual(expect.arrayContaining([expect.stringMatching(/^watching: what another backend writes/)]))
    for (const title of needing('loseEverything')) expect(watching).not.toContain(title)
  })

  test('puts the cases into a group of the given name', () => {
    const names: string[] = []
    const group = (name: string, body: () => void) => {
      names.push(name)
      body()
    }
    expect(registered({ describe: group, name: 'my store' }).length).toBeGreaterThan(50)
    registered({ describe: group })
    expect(names).toEqual(['my store', 'a limpet store'])
  })
})

describe('a case', () => {
  const title = 'entries: the first write makes version 1'

  test('ends the two stores that it asked for, then what they stood on, the last first', async () => {
    const order: string[] = []
    let opened = 0
    await caseOf(title).run({
      shared: true,
      createStore(onEnd) {
        const name = opened++ === 0 ? 'a' : 'b'
        onEnd(() => order.push(`client of ${name}`))
        return { ...shared, close: async () => void order.push(`store ${name}`) }
      },
    })
    expect(order).toEqual(['store b', 'client of b', 'store a', 'client of a'])
  })

  test('uses one store for both backends where they share nothing', async () => {
    let opened = 0
    const createStore = () => {
      opened++
      return memoryStore()
    }
    await caseOf(title).run({ shared: false, createStore })
    expect(opened).toBe(1)
  })

  test('says what is wrong, even if clearing away fails too', async () => {
    const wrong: Store = { ...shared, read: async () => ({ kind: 'absent' }) }
    const run = caseOf(title).run({
      createStore(onEnd) {
        onEnd(() => Promise.reject(new Error('clearing away')))
        return wrong
      },
    })
    await expect(run).rejects.toThrow(AssertionError)
    await expect(run).rejects.toThrow('the session should have been found, but: {"kind":"absent"}')
  })

  test('fails when only clearing away does', async () => {
    const run = caseOf(title).run({
      createStore(onEnd) {
        onEnd(() => Promise.reject(new Error('clearing away')))
        return shared
      },
    })
    await expect(run).rejects.toThrow('clearing away')
  })

  test('gives up waiting when its patience ends', async () => {
    const immortal: Store = { ...shared, write: (id, how) => shared.write(id, { ...how, ttl: 60_000 }) }
    const run = caseOf('lifetimes: data is forgotten').run({ createStore: () => immortal, patience: 100 })
    await expect(run).rejects.toThrow('a session with 250 ms to live is gone: not within 100 ms')
  })
})

const { close: _, ...shared } = memoryStore()
