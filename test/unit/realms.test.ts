import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { encodeEntries, encodeValue } from '../../src/core/json.ts'
import { GuardedStore } from '../../src/engine/process/guarded-store.ts'
import { createEvents } from '../../src/events.ts'
import { memoryStore } from '../../src/memory/memory-store.ts'
import { storeError, wordOf } from '../../src/redis/errors.ts'

/** What code makes in a realm of its own, as Jest and vm contexts are: none of it is an instance of our `Error`, `Object` or `Promise`. */
const foreign = (code: string): unknown => runInNewContext(code)

afterEach(() => void vi.restoreAllMocks())

describe('of another realm', () => {
  it('is what the tests hand in', () => {
    expect(foreign('new Error()')).not.toBeInstanceOf(Error)
    expect(Object.getPrototypeOf(foreign('({})'))).not.toBe(Object.prototype)
    expect(foreign('Promise.resolve()')).not.toBeInstanceOf(Promise)
  })

  it.each([
    ["({ user: 'ada', cart: ['net', { n: [] }] })", '{"user":"ada","cart":["net",{"n":[]}]}'],
    ['new Date(0)', '"1970-01-01T00:00:00.000Z"'],
    ['[1, [2]]', '[1,[2]]'],
  ])('a value is stored as one of ours: %s', (code, text) => {
    expect(encodeValue('key', foreign(code))).toBe(text)
  })

  it('an object of values is taken as one of ours', () => {
    expect(encodeEntries(foreign("({ user: 'ada' })"), undefined)).toEqual(new Map([['user', '"ada"']]))
  })

  it.each([
    ['new Map()', /a Map would not come back as one/],
    ['new (class Cart {})()', /a Cart would not come back as one/],
    ['({ toJSON() { throw new RangeError() } })', /its toJSON\(\) failed with RangeError/],
    ['(() => { const it = {}; it.it = it; return it })()', /refers to itself/],
  ])('a value is refused as one of ours: %s', (code, why) => {
    expect(() => encodeValue('key', foreign(code))).toThrow(why)
  })

  it('an error of Redis means what it means', () => {
    const reply = foreign("new Error('READONLY You can\\'t write against a read only replica.')")
    expect(storeError(reply, 'write')).toMatchObject({
      applied: false,
      outage: true,
      message: expect.stringMatching(/READONLY/),
    })
    expect(wordOf(foreign("Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })"))).toBe('ECONNREFUSED')
    expect(wordOf(foreign("new AggregateError([Object.assign(new Error(), { code: 'ETIMEDOUT' })])"))).toBe('ETIMEDOUT')
  })

  it('an error of a store is named', async () => {
    const store = { ...memoryStore(), local: false }
    const guarded = new GuardedStore(store, 1000, () => undefined)
    const failing = guarded.call('read', () =>
      Promise.reject(foreign("Object.assign(new TypeError(), { code: 'E1' })")),
    )
    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('TypeError E1') })
  })

  it('a listener that rejects is reported, and breaks nothing', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const events = createEvents(() => foreign("Promise.reject(new Error('the listener is broken'))") as never)
    events.emit({ type: 'invalidation', state: 'up' })
    await vi.waitFor(() =>
      expect(warn.mock.calls).toEqual([[expect.stringContaining('the listener is broken'), expect.anything()]]),
    )
  })
})
