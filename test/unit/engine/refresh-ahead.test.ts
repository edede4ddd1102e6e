import { describe, expect, it } from 'vitest'
import { StoreError } from '../../../src/core/errors.ts'
import { Background } from '../../../src/engine/process/background.ts'
import { ChangeLog } from '../../../src/engine/process/change-log.ts'
import { GuardedStore } from '../../../src/engine/process/guarded-store.ts'
import { RefreshAhead } from '../../../src/engine/process/refresh-ahead.ts'
import { CACHE_LIMITS, type Copy, SessionCache, type State } from '../../../src/engine/process/session-cache.ts'
import { memoryStore } from '../../../src/memory/memory-store.ts'
import type { ReadHow, ReadResult } from '../../../src/ports/store.ts'
import { deferred } from '../support/backend.ts'

const NOW = 1_800_000_000_000
/** Milliseconds: a copy of this age is still good, and read again. */
const DUE = CACHE_LIMITS.maxAge * 0.8

const entriesOf = (text: string) => new Map([['key', text]])
const found = (version: number, text = '"new"'): ReadResult & { kind: 'found' } => ({
  kind: 'found',
  version,
  behind: 0,
  entries: entriesOf(text),
})

/** A copy of version 5 that was kept `DUE` ago, and a store that answers as a test says. */
function kept(state: State = { version: 5, entries: entriesOf('"old"') }) {
  const cache = new SessionCache(CACHE_LIMITS)
  cache.openChannel()(true)
  const trust = cache.openChannel()
  trust(true)
  const log = new ChangeLog(10)
  const background = new Background()
  const reads: ReadHow[] = []
  const at = { now: NOW }
  const place = { answer: async (): Promise<ReadResult> => found(5) }
  const read = (_id: string, how: ReadHow) => {
    reads.push(how)
    return place.answer()
  }
  const store = new GuardedStore({ ...memoryStore(), read }, 1000, () => undefined)
  const refresh = new RefreshAhead({ store, cache, log, background, steady: () => at.now })
  const copy = cache.keep('one', state, { at: NOW, generation: cache.generation })
  const current = () => cache.current('one', 0, at.now)
  const use = (given: Copy = copy) => refresh.used('one', given, at.now)
  return { at, background, cache, copy, current, log, place, reads, trust, use }
}

/** The same, used when it is due, and the store has answered. */
async function refreshed(answer: ReadResult, state?: State) {
  const all = kept(state)
  all.place.answer = async () => answer
  all.at.now += DUE
  all.use()
  await all.background.settled()
  return all
}

describe('a copy that is in use', () => {
  it('is read again when it is four fifths as old as it may get, and not before', async () => {
    const { at, background, current, reads, use } = kept()
    at.now += DUE - 1
    use()
    expect(reads).toEqual([])
    at.now += 1
    use()
    await background.settled()
    expect(reads).toHaveLength(1)
    expect(current()).toMatchObject({ version: 5, entries: entriesOf('"new"'), at: at.now })
  })

  it('is read as by somebody who has seen nothing, and its lifetime is left alone', async () => {
    const { reads } = await refreshed(found(5))
    expect(reads).toMatchObject([{ seen: 0, touch: undefined }])
  })

  it('is read once, however many use it meanwhile, and again when it is due again', async () => {
    const { at, background, current, place, reads, use } = kept()
    const answer = deferred<ReadResult>()
    place.answer = () => answer.promise
    at.now += DUE
    for (let i = 0; i < 5; i++) use()
    expect(reads).toHaveLength(1)
    answer.resolve(found(5))
    await background.settled()
    at.now += DUE
    use(current())
    await background.settled()
    expect(reads).toHaveLength(2)
  })

  it('is as old as the question, not as the answer', async () => {
    const { at, background, current, place, use } = kept()
    const answer = deferred<ReadResult>()
    place.answer = () => answer.promise
    at.now += DUE
    const asked = at.now
    use()
    at.now += 1500
    answer.resolve(found(6))
    await background.settled()
    expect(current()).toMatchObject({ version: 6, at: asked })
  })

  it('takes over what is newer, and what was lost on the way', async () => {
    const { current } = await refreshed({ ...found(9), lost: { above: 5, upTo: 7 } })
    expect(current()).toMatchObject({ version: 9, lost: { above: 5, upTo: 7 } })
  })

  it('stays, and is tried again, when the store does not answer', async () => {
    const { at, background, copy, current, place, reads, use } = kept()
    place.answer = () => Promise.reject(new StoreError('down', { applied: false, outage: true }))
    at.now += DUE
    for (let i = 0; i < 2; i++) {
      use()
      await background.settled()
    }
    expect(reads).toHaveLength(2)
    expect(current()).toBe(copy)
  })
})

describe('a copy goes when the store', () => {
  it.each<[what: string, answer: ReadResult]>([
    ['holds an older version: it has lost something', found(4)],
    ['holds nothing any more', { kind: 'absent' }],
  ])('%s', async (_, answer) => {
    const { cache, log } = await refreshed(answer)
    expect(cache.lastKnown('one', 0)).toBeUndefined()
    expect(log.endOf('one')).toBeUndefined()
  })

  it('says that the session ended, which is remembered since when', async () => {
    const { at, cache, log } = await refreshed({ kind: 'tombstone', age: 300, end: 'moved' })
    expect(cache.lastKnown('one', 0)).toBeUndefined()
    expect(log.endOf('one')).toEqual({ end: 'moved', at: at.now - 300 })
  })
})

describe('a copy of nothing', () => {
  const nothing: State = { version: 0, entries: new Map() }

  it('is confirmed like any other', async () => {
    const { at, current } = await refreshed({ kind: 'absent' }, nothing)
    expect(current()).toMatchObject({ version: 0, at: at.now })
  })

  it('gives way to what has been stored since', async () => {
    const { current } = await refreshed(found(1), nothing)
    expect(current()).toMatchObject({ version: 1, entries: entriesOf('"new"') })
  })
})

describe('an answer is not kept', () => {
  /** Something happens between question and answer. */
  async function overtaken(by: (all: ReturnType<typeof kept>) => void) {
    const all = kept()
    const answer = deferred<ReadResult>()
    all.place.answer = () => answer.promise
    all.at.now += DUE
    all.use()
    by(all)
    answer.resolve(found(5))
    await all.background.settled()
    return all
  }

  it('when somebody has changed the session since it was asked for', async () => {
    const { cache } = await overtaken(({ log, cache }) => {
      log.mark('one')
      cache.drop('one')
    })
    expect(cache.lastKnown('one', 0)).toBeUndefined()
  })

  it('when news of changes was interrupted since, and does not take the place of what is certain', async () => {
    const { current } = await overtaken(({ cache, trust, at }) => {
      trust(false)
      trust(true)
      cache.keep('one', found(5, '"certain"'), { at: at.now, generation: cache.generation })
    })
    expect(current()?.entries).toEqual(entriesOf('"certain"'))
  })
})
