import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { StoreError } from '../../../src/core/errors.ts'
import { createSticky } from '../../../src/create-sticky.ts'
import { GuardedStore } from '../../../src/engine/process/guarded-store.ts'
import { createEvents } from '../../../src/events.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import type { LimpetEvent } from '../../../src/ports/events.ts'
import { SECRET } from '../support/backend.ts'

const down = () => new StoreError('the store is down', { applied: false, outage: true })

/** One event of each type. */
const ALL: { readonly [Type in LimpetEvent['type']]: LimpetEvent & { type: Type } } = {
  warning: { type: 'warning', code: 'memory-store', message: 'not shared' },
  'session-begin': { type: 'session-begin', id: 'one', reason: 'expired' },
  behind: { type: 'behind', id: 'one', seen: 7, lost: 2 },
  'store-failed': { type: 'store-failed', operation: 'read', error: down() },
  'store-breaker': { type: 'store-breaker', state: 'open', operations: 'reads' },
  forward: { type: 'forward', to: 'web2', outcome: 'answered', status: 200, ms: 1.5 },
  adopt: { type: 'adopt', id: 'one', from: 'web2' },
  'hop-rejected': { type: 'hop-rejected', reason: 'replayed' },
  backend: { type: 'backend', state: 'up', id: 'web2' },
  invalidation: { type: 'invalidation', state: 'down' },
  conflict: { type: 'conflict', id: 'one', paths: ['cart.note'] },
}
const EVENTS: readonly LimpetEvent[] = Object.values(ALL)

/** What is published on the channel of a type, until the test ends. */
function listenTo(type: string, listener: (event: unknown) => void = () => undefined): unknown[] {
  const heard: unknown[] = []
  const hear = (event: unknown) => {
    heard.push(event)
    listener(event)
  }
  subscribe(`limpet:${type}`, hear)
  subscriptions.push(() => unsubscribe(`limpet:${type}`, hear))
  return heard
}

const subscriptions: (() => void)[] = []
let warn: MockInstance<typeof process.emitWarning>
beforeEach(() => {
  warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
})
afterEach(() => {
  warn.mockRestore()
  for (const end of subscriptions.splice(0)) end()
})

/** Code and text of each warning of the process. */
function warnings(): [code: string, message: string][] {
  return warn.mock.calls.map(([message, options]) => {
    expect(options).toMatchObject({ type: 'LimpetWarning' })
    return [(options as { code: string }).code, String(message)]
  })
}

describe('every event', () => {
  it.each(EVENTS)('$type goes to the listener and to its channel, as it is', (event) => {
    const heard: LimpetEvent[] = []
    const published = listenTo(event.type)
    createEvents((one) => heard.push(one)).emit(event)
    expect(heard).toEqual([event])
    expect(published).toEqual([event])
    expect(heard[0]).toBe(published[0])
  })

  it('goes to no other channel', () => {
    const published = EVENTS.map(({ type }) => listenTo(type))
    createEvents(undefined).emit(ALL.invalidation)
    expect(published.map((heard) => heard.length)).toEqual(EVENTS.map(({ type }) => (type === 'invalidation' ? 1 : 0)))
  })

  it('need not be made where nobody listens', () => {
    expect(createEvents(() => undefined).hears('session-begin')).toBe(true)
    const events = createEvents(undefined)
    expect(events.hears('session-begin')).toBe(false)
    listenTo('session-begin')
    expect(events.hears('session-begin'), 'a channel that somebody subscribed to later').toBe(true)
    expect(events.hears('behind')).toBe(false)
  })
})

describe('without a listener, warnings of the process', () => {
  const emit = (...events: LimpetEvent[]) => {
    const { emit } = createEvents(undefined)
    for (const event of events) emit(event)
    return warnings()
  }

  it('tell what is configured wrongly, each with its code', () => {
    expect(emit(ALL.warning)).toEqual([['LIMPET_MEMORY_STORE', 'not shared']])
  })

  it.each([
    ['open', 'reads', /reads are answered from local copies, or reject/],
    ['open', 'writes', /writes reject/],
    ['closed', 'reads', /the store answers again: reads are sent as usual/],
    ['closed', 'writes', /the store answers again: writes are sent as usual/],
  ] as const)('tell that the breaker is %s for %s', (state, operations, message) => {
    const told = emit({ type: 'store-breaker', state, operations })
    expect(told).toEqual([['LIMPET_STORE', expect.stringMatching(message)]])
  })

  it('tell of lost writes once, for after a failover there are many', () => {
    expect(emit(ALL.behind, { ...ALL.behind, id: 'two' })).toEqual([
      ['LIMPET_BEHIND', expect.stringMatching(/lost 2 acknowledged write.*Reported once/s)],
    ])
  })

  it('tell nothing of what goes on all the time', () => {
    expect(emit(ALL['session-begin'], ALL['store-failed'], ALL.invalidation)).toEqual([])
  })

  it('are none where somebody listens', () => {
    const { emit } = createEvents(() => undefined)
    for (const event of EVENTS) emit(event)
    expect(warnings()).toEqual([])
  })
})

describe('a listener that fails', () => {
  const failures: readonly [how: string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('the listener is broken')
      },
    ],
    [
      'throws what is no error',
      () => {
        throw 'the listener is broken'
      },
    ],
    ['rejects', () => Promise.reject(new Error('the listener is broken'))],
    [
      'throws what has no text',
      () => {
        throw Object.create(null)
      },
    ],
  ]

  it.each(failures)('%s: harms no request and no other listener, and the process is warned once', async (_, fail) => {
    const published = listenTo('session-begin')
    const { exchange, handle } = createSticky({ secret: SECRET, onEvent: fail as () => void }, {})
    for (let i = 0; i < 3; i++) {
      const { departure } = exchange.arrive({ cookieHeader: undefined })
      expect(departure.setCookie(false)).toMatch(/^limpet=2/)
    }
    await handle.close()
    await new Promise((resolve) => setImmediate(resolve))
    expect(published).toHaveLength(3)
    expect(warnings()).toEqual([
      ['LIMPET_LISTENER', expect.stringMatching(/given as onEvent threw: (?:the listener is broken|object)/)],
    ])
  })
})

describe('an outage', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('is reported when it begins and when it ends, however many tries fail in between', async () => {
    const store = new GuardedStore({ ...memoryStore(), local: false }, 1000, createEvents(undefined).emit)
    const fail = () => store.call('read', () => Promise.reject(down())).catch(() => undefined)
    for (let i = 0; i < 5; i++) await fail()
    for (let second = 0; second < 10; second++) {
      await vi.advanceTimersByTimeAsync(1000)
      await fail()
    }
    expect(warnings()).toEqual([['LIMPET_STORE', expect.stringMatching(/failed several times/)]])
    await vi.advanceTimersByTimeAsync(1000)
    await store.call('read', async () => 'answer')
    for (let i = 0; i < 5; i++) await fail()
    expect(warnings().map(([, message]) => message)).toEqual([
      expect.stringMatching(/failed several times/),
      expect.stringMatching(/answers again/),
      expect.stringMatching(/failed several times/),
    ])
  })
})

describe('NODE_DEBUG=limpet', () => {
  /** What a process prints that serves three requests: a new client, the same again, a forged cookie. */
  async function printed(debug: string): Promise<string[]> {
    const root = new URL('../../../', import.meta.url)
    const script = `
      import { createSticky } from ${JSON.stringify(new URL('src/create-sticky.ts', root).href)}
      const { exchange, handle } = createSticky({ secret: ${JSON.stringify(SECRET)}, backend: { id: 'web1' } }, {})
      const visit = (cookieHeader) => exchange.arrive({ cookieHeader }).departure.setCookie(false).split(';')[0]
      const cookie = visit(undefined)
      visit(cookie)
      visit(cookie.slice(0, -43) + 'A'.repeat(43))
      await handle.close()
    `
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
    const options = { cwd: fileURLToPath(root), env: { ...process.env, NODE_DEBUG: debug } }
    const { stderr, stdout } = await promisify(execFile)(process.execPath, args, options)
    expect(stdout).toBe('')
    expect(stderr).not.toContain(SECRET)
    return stderr.split('\n').filter((line) => line.startsWith('LIMPET '))
  }

  it('prints one line for each decision, and one for each event', async () => {
    const lines = (await printed('limpet')).map((line) => line.replace(/^LIMPET \d+: /, ''))
    const id = '[\\w-]{24}'
    const decisions = lines.filter((line) => /^(?:start|resume) /.test(line))
    expect(decisions).toEqual([
      expect.stringMatching(`^start ${id}: no-cookie$`),
      expect.stringMatching(`^resume ${id}: version 0, owner web1$`),
      expect.stringMatching(`^start ${id}: bad-signature$`),
    ])
    expect(decisions[1]?.split(' ')[1]).toBe(decisions[0]?.split(' ')[1])
    expect(lines.filter((line) => !decisions.includes(line))).toEqual([
      expect.stringMatching(`^session ${id} begins: no-cookie$`),
      expect.stringMatching(`^session ${id} begins: bad-signature$`),
    ])
  })

  it('is needed for that: otherwise nothing is printed', async () => {
    expect(await printed('http')).toEqual([])
  })
})
