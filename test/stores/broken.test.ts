import { describe, expect, test } from 'vitest'
import { type StoreSetup, storeCases } from '../../src/testing.ts'
import { claims } from './faults/claims.ts'
import { endings } from './faults/endings.ts'
import type { Fault } from './faults/fault.ts'
import { labels } from './faults/labels.ts'
import { lateMoves } from './faults/late-moves.ts'
import { moves } from './faults/moves.ts'
import { names } from './faults/names.ts'
import { sizes } from './faults/sizes.ts'
import { tags } from './faults/tags.ts'
import { telling } from './faults/telling.ts'
import { times } from './faults/times.ts'
import { versions } from './faults/versions.ts'
import { writes } from './faults/writes.ts'
import { type Claims, claiming } from './support/claiming.ts'
import { type Bus, memoryTable, tellingStore } from './support/memory-table.ts'

const faults = [
  ...writes,
  ...claims,
  ...versions,
  ...endings,
  ...moves,
  ...lateMoves,
  ...times,
  ...sizes,
  ...tags,
  ...labels,
  ...names,
  ...telling,
]

/** Titles of the cases that fail. */
async function failing(fault?: Fault): Promise<string[]> {
  const table = memoryTable()
  const bus: Bus = new Map()
  const claims: Claims = new Map()
  const setup: StoreSetup = {
    createStore() {
      const store = claiming(tellingStore({ ...table, ...fault?.table?.(table) }, bus), claims, table.now)
      return { ...store, ...fault?.store?.(store) }
    },
    watches: true,
    claims: true,
    labels: true,
    loseEverything() {
      table.clear()
      for (const channel of bus.values()) channel.down()
    },
    // Changes are told by and by, which is no time at all for the table.
    advance: (ms) => new Promise((resolve) => setImmediate(() => resolve(table.advance(ms)))),
  }
  const titles: string[] = []
  for (const one of storeCases) await one.run(setup).catch(() => titles.push(one.title))
  return titles
}

const found = new Map<Fault, Promise<string[]>>()
function noticing(fault: Fault): Promise<string[]> {
  const titles = found.get(fault) ?? failing(fault)
  found.set(fault, titles)
  return titles
}

describe('the suite for stores', () => {
  test('has nothing against a store that keeps its promises', async () => {
    expect(await failing()).toEqual([])
  })

  test.each(faults)('notices a store that $name', async (fault) => {
    expect((await noticing(fault)).filter((title) => fault.caughtBy.test(title))).not.toEqual([])
  })

  test('has no case that notices nothing', async () => {
    const useful = new Set<string>()
    for (const fault of faults) for (const title of await noticing(fault)) useful.add(title)
    expect(storeCases.map(({ title }) => title).filter((title) => !useful.has(title))).toEqual([])
  })
})
