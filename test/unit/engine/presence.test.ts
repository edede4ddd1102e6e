import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { writeRecord } from '../../../src/core/peer-record.ts'
import { createPurposeKeys } from '../../../src/core/purpose-keys.ts'
import { HEARTBEAT, Presence } from '../../../src/engine/process/presence.ts'
import { memoryBackends } from '../../../src/memory/backends.ts'
import type { Registry } from '../../../src/ports/backends.ts'

const keys = createPurposeKeys(['a secret of more than thirty-two bytes, for tests'], 'limpet', 'record')
/** What `Presence` promises: three heartbeats were missed. */
const GONE_AFTER = 6500

let all: Presence[]
beforeEach(() => {
  all = []
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(async () => {
  for (const one of all) await one.close()
  vi.useRealTimers()
})

const steady = () => performance.now()

/** Backends that share a registry, which can be made not to answer. */
function world() {
  const shared = memoryBackends(steady)
  const state = { away: false, asked: 0 }
  const registry: Registry = {
    ...shared,
    announce: async (boot, record, how) => {
      state.asked++
      if (state.away) throw new Error('away')
      return shared.announce(boot, record, how)
    },
  }
  const start = async (boot: string, url: string | undefined = `http://${boot}:1`) => {
    const presence = new Presence(registry, keys, steady, {
      boot,
      id: boot,
      url,
      started: 1,
      phase: 'serving',
      hint: undefined,
    })
    const changes: string[] = []
    presence.onChange = (change, id) => changes.push(`${id} ${change}`)
    all.push(presence)
    await presence.start()
    return { presence, changes }
  }
  return { registry, state, start }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** It ends without a word, as with kill -9. */
function kill({ presence }: { presence: Presence }): void {
  Reflect.set(presence, 'ask', () => Promise.resolve())
}

describe('which backends there are', () => {
  it('is known to each after a heartbeat', async () => {
    const { start } = world()
    const [one, two] = [await start('one-boot'), await start('two-boot')]
    expect(two.presence.stateOf('one-boot')).toBe('alive')
    await pass(HEARTBEAT)
    expect(one.presence.stateOf('two-boot')).toBe('alive')
    expect(one.presence.peer('two-boot')).toMatchObject({ id: 'two-boot', url: 'http://two-boot:1' })
    expect(one.changes).toEqual(['two-boot up'])
  })

  it('one that was killed is gone after six and a half seconds, and not before; what is under way there is given up', async () => {
    const { start } = world()
    const [one, two] = [await start('one-boot'), await start('two-boot')]
    await pass(HEARTBEAT)
    kill(two)
    const end = one.presence.peer('two-boot')?.gone
    const heard = performance.now()
    await pass(GONE_AFTER - (performance.now() - heard) - 1)
    expect(one.presence.stateOf('two-boot')).toBe('alive')
    await pass(1)
    expect(one.presence.stateOf('two-boot')).toBe('gone')
    await pass(HEARTBEAT)
    expect(end?.hasCome).toBe(true)
    expect(one.changes).toEqual(['two-boot up', 'two-boot down'])
  })

  it('one that says so drains', async () => {
    const { start } = world()
    const [one, two] = [await start('one-boot'), await start('two-boot')]
    await pass(HEARTBEAT)
    await two.presence.enter('draining')
    expect(two.presence.isReady).toBe(false)
    await pass(HEARTBEAT)
    expect(one.presence.stateOf('two-boot')).toBe('draining')
    await two.presence.enter('leaving')
    await pass(HEARTBEAT)
    expect(one.presence.stateOf('two-boot')).toBe('gone')
    // What is under way there may end.
    expect(one.presence.peer('two-boot')?.gone.hasCome).toBe(false)
  })

  it('nobody is gone because the registry has lost all records', async () => {
    const { start, registry } = world()
    const [one, two] = [await start('one-boot'), await start('two-boot')]
    for (let round = 0; round < 10; round++) {
      await pass(3 * HEARTBEAT + 7)
      for (const boot of ['one-boot', 'two-boot']) await registry.withdraw(boot)
      await pass(HEARTBEAT)
      expect(one.presence.stateOf('two-boot')).toBe('alive')
      expect(two.presence.stateOf('one-boot')).toBe('alive')
    }
    expect(one.changes).toEqual(['two-boot up'])
  })

  it('one that nobody knows is asked about, and then never was', async () => {
    const { start } = world()
    const { presence } = await start('one-boot')
    await pass(300)
    expect(presence.stateOf('nobody-x')).toBe('unknown')
    await presence.ask()
    expect(presence.stateOf('nobody-x')).toBe('gone')
  })

  it('made-up backends cause no more questions than a few a second', async () => {
    const { start, state } = world()
    const { presence } = await start('one-boot')
    const before = state.asked
    for (let i = 0; i < 1000; i++) {
      if (presence.stateOf(`n${String(i).padStart(7, '0')}`) === 'unknown') await presence.ask()
      await pass(1)
    }
    expect(state.asked - before).toBeLessThanOrEqual(6)
  })
})

describe('while the registry does not answer', () => {
  it('nobody is taken for gone, and who is not known is away', async () => {
    const { start, state } = world()
    const [one] = [await start('one-boot'), await start('two-boot')]
    await pass(HEARTBEAT)
    state.away = true
    await pass(60_000)
    expect(one.presence.stateOf('two-boot')).toBe('alive')
    expect(one.presence.stateOf('nobody-x')).toBe('away')
    expect(one.changes).toEqual(['two-boot up'])
  })

  it('and after it, everybody has the time of three heartbeats to be heard of', async () => {
    const { start, state } = world()
    const [one, two] = [await start('one-boot'), await start('two-boot')]
    await pass(HEARTBEAT)
    state.away = true
    await pass(30_000)
    kill(two)
    state.away = false
    await pass(HEARTBEAT)
    expect(one.presence.stateOf('two-boot')).toBe('alive')
    await pass(GONE_AFTER)
    expect(one.presence.stateOf('two-boot')).toBe('gone')
  })
})

describe('two that announce one url', () => {
  it('are told of while both live', async () => {
    const { start } = world()
    const one = await start('one-boot', 'http://same:1')
    await start('two-boot', 'http://same:1')
    await pass(2 * HEARTBEAT)
    expect(one.changes).toContain('two-boot same-url')
  })

  it('are no news where one is an earlier life of the other', async () => {
    const { start, registry } = world()
    const record = {
      boot: 'old-boot',
      id: 'old-boot',
      url: 'http://same:1',
      started: 0,
      phase: 'serving',
      hint: undefined,
    } as const
    await registry.announce('old-boot', writeRecord(record, keys), { forget: 60_000 })
    const { changes } = await start('new-boot', 'http://same:1')
    await pass(20_000)
    expect(changes).not.toContain('old-boot same-url')
  })
})

it('records that nobody with our secret has written count for nothing', async () => {
  const { start, registry } = world()
  const { presence } = await start('one-boot')
  const record = writeRecord(
    { boot: 'two-boot', id: 'two', url: 'http://evil:1', started: 1, phase: 'serving', hint: undefined },
    keys,
  )
  await registry.announce('two-boot', record.replace('evil', 'EVIL'), { forget: 60_000 })
  // A copy under another name.
  await registry.announce('thr-boot', record, { forget: 60_000 })
  await presence.ask()
  expect(presence.peer('two-boot')).toBeUndefined()
  expect(presence.peer('thr-boot')).toBeUndefined()
})
