import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readOptions } from '../../../src/config/options.ts'
import { StoreError } from '../../../src/core/errors.ts'
import { createIdSource } from '../../../src/core/session-id.ts'
import { createServices, watch } from '../../../src/engine/services.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import type { LimpetEvent } from '../../../src/ports/events.ts'
import type { Channel, Watcher } from '../../../src/ports/invalidation.ts'
import type { Store } from '../../../src/ports/store.ts'
import { SECRET } from '../support/backend.ts'

const NOW = 1_800_000_000_000

/** A backend whose store tells of changes through so many channels, none of them up yet. */
function watched(count: number) {
  const { config, secrets } = readOptions({ secret: SECRET }, {})
  const events: LimpetEvent[] = []
  const channels: Channel[] = []
  let watcher: Watcher | undefined
  let stopped = 0
  const store: Store = {
    ...memoryStore(),
    local: false,
    watch(given) {
      watcher = given
      for (let i = 0; i < count; i++) channels.push(given.channel())
      return () => void stopped++
    },
  }
  const services = createServices(config, {
    store,
    backend: 'here',
    boot: 'bootboot',
    secrets,
    ids: createIdSource(),
    clock: () => NOW,
    steady: () => NOW,
    events: { emit: (event) => events.push(event), hears: () => true, trace: undefined },
  })
  const close = watch(services)
  const { cache } = services
  const keep = (id: string) => {
    const state = { version: 1, entries: new Map([['key', '1']]) }
    return cache.keep(id, state, { at: NOW, generation: cache.generation })
  }
  const answers = (id: string) => cache.current(id, 1, NOW) !== undefined
  return {
    answers,
    channels: channels as [Channel, Channel],
    close,
    events,
    keep,
    services,
    get stopped() {
      return stopped
    },
    warn: (...warning: Parameters<Watcher['warn']>) => watcher?.warn(...warning),
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** `up` and `down`, in the order in which they were told. */
function states(events: readonly LimpetEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'invalidation' ? [event.state] : []))
}

describe('local copies of a store that tells of changes through two channels', () => {
  it('are trusted when both are up, and it is told once', () => {
    const { answers, channels, events, keep } = watched(2)
    const [a, b] = channels
    a.up()
    keep('one')
    expect(answers('one')).toBe(false)
    expect(states(events)).toEqual([])
    b.up()
    keep('one')
    expect(answers('one')).toBe(true)
    expect(states(events)).toEqual(['up'])
  })

  it('are not trusted while one is down, whatever the other reports', () => {
    const { answers, channels, events, keep } = watched(2)
    const [a, b] = channels
    a.up()
    b.up()
    keep('one')
    a.down()
    expect(answers('one')).toBe(false)
    b.down()
    b.up()
    b.up()
    keep('one')
    expect(answers('one'), 'the first is down still').toBe(false)
    expect(states(events)).toEqual(['up', 'down'])
    a.up()
    keep('one')
    expect(answers('one')).toBe(true)
    expect(states(events)).toEqual(['up', 'down', 'up'])
  })

  it('have to be confirmed after an interruption, however short', () => {
    const { answers, channels, keep } = watched(2)
    const [a, b] = channels
    a.up()
    b.up()
    keep('one')
    b.down()
    b.up()
    expect(answers('one')).toBe(false)
  })
})

describe('what a channel tells', () => {
  it('a change drops the copy, and a request that began before knows of it', () => {
    const { answers, channels, keep, services } = watched(1)
    const [a] = channels
    a.up()
    keep('one')
    keep('two')
    const { order } = services.log
    a.changed('one')
    expect(['one', 'two'].map(answers)).toEqual([false, true])
    expect(services.cache.lastKnown('one', 0), 'not even for an outage').toBeUndefined()
    expect(services.log.changedAfter('one', order)).toBe(true)
    expect(services.log.endOf('one')).toBeUndefined()
  })

  it('an end drops the copy, and is remembered with its kind, also while the channel is down', () => {
    const { channels, keep, services } = watched(1)
    const [a] = channels
    a.up()
    keep('one')
    a.ended('one', 'moved')
    a.down()
    a.ended('two', 'destroyed')
    expect(services.cache.lastKnown('one', 0)).toBeUndefined()
    expect(services.log.endOf('one')).toEqual({ end: 'moved', at: NOW })
    expect(services.log.endOf('two')).toEqual({ end: 'destroyed', at: NOW })
  })

  it('a warning is given once', () => {
    const { events, warn } = watched(1)
    warn('no-invalidation', 'this server cannot tell')
    warn('no-invalidation', 'this server cannot tell')
    expect(events).toEqual([{ type: 'warning', code: 'no-invalidation', message: 'this server cannot tell' }])
  })
})

describe('ends that the store confirmed a moment before the connection was lost', () => {
  it('are told again when all channels are up again', async () => {
    const { channels, close, services } = watched(2)
    const [a, b] = channels
    a.up()
    b.up()
    const told: string[] = []
    services.ends.confirmed('one', async () => told.push('one'))
    a.down()
    b.down()
    a.up()
    await vi.advanceTimersByTimeAsync(5000)
    expect(told).toEqual([])
    b.up()
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toEqual(['one'])
    await close()
  })
})

describe('the end of the watching', () => {
  it('stops the store once, ends trust, and waits for what goes on', async () => {
    const place = watched(1)
    const [a] = place.channels
    a.up()
    place.keep('one')
    let finish: () => void = () => undefined
    const work = new Promise<void>((resolve) => {
      finish = resolve
    })
    place.services.background.run(work)
    let isClosed = false
    const closing = place.close().then(() => {
      isClosed = true
    })
    expect(place.stopped).toBe(1)
    expect(place.answers('one')).toBe(false)
    await Promise.resolve()
    expect(isClosed).toBe(false)
    finish()
    await closing
    await place.close()
    expect(place.stopped).toBe(1)
    a.up()
    expect(place.services.cache.live).toBe(false)
  })

  it('leaves no timer of ends that the store could not be told', async () => {
    const { close, services } = watched(1)
    const told = () => Promise.reject(new StoreError('down', { applied: false, outage: true }))
    services.ends.missed('one', told)
    await close()
    services.ends.reconnected()
    expect(vi.getTimerCount()).toBe(0)
  })
})
