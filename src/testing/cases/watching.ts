import assert from 'node:assert/strict'
import type { End, Store } from '../../ports/store.ts'
import { type Bench, storeCase } from '../bench.ts'
import { change, expecting, found, how, LONG, moved, read, write } from '../steps.ts'

/**
 * Milliseconds within which a backend would have heard of its own changes; the next backend has heard of them by then.
 */
const ECHO = 100

/** Watches until the case ends, or `stop`; waits until every change is told. */
async function watch(store: Store, { onEnd, until }: Bench) {
  const heard = { changed: [] as string[], ended: [] as string[], down: 0 }
  const isUp: boolean[] = []
  let stop = store.watch?.({
    channel() {
      const mine = isUp.push(false) - 1
      return {
        changed: (id) => void heard.changed.push(id),
        ended: (id, end) => void heard.ended.push(`${id} ${end}`),
        up() {
          isUp[mine] = true
        },
        down() {
          isUp[mine] = false
          heard.down++
        },
      }
    },
    warn: () => undefined,
  })
  if (!stop) assert.fail('a setup with `watches: true` has a store with watch()')
  const stopOnce = () => {
    stop?.()
    stop = undefined
  }
  onEnd(stopOnce)
  assert.notEqual(isUp.length, 0, 'watch() has opened no channel before it returned')
  await until('all channels are up', () => isUp.every(Boolean))
  const told = (what: string, list: string[], one: string) => until(`${what} is told`, () => list.includes(one))
  return {
    heard,
    stop: stopOnce,
    tells: (id: string) => told('a change', heard.changed, id),
    tellsEnd: (id: string, end: End) => told(`that a session was ${end}`, heard.ended, `${id} ${end}`),
  }
}

export const watching = [
  storeCase(
    'watching: what another backend writes is told, from up() on',
    async (bench) => {
      const { a, b, id } = bench
      const { heard, tells } = await watch(a, bench)
      const sessions = Array.from({ length: 20 }, id)
      // A store may tell those only who have asked.
      for (const session of sessions) await read(a, session)
      for (const session of sessions) await write(b, session, { n: '1' })
      for (const session of sessions) await tells(session)
      heard.changed.length = 0
      await read(a, sessions[0] ?? '')
      await write(b, sessions[0] ?? '', { n: '2' })
      await tells(sessions[0] ?? '')
    },
    'watches',
  ),

  storeCase(
    'watching: so is what another backend deletes, or finds lost',
    async (bench) => {
      const { a, b, id } = bench
      const [emptied, lost] = [id(), id()]
      for (const session of [emptied, lost]) await write(b, session, { n: '1' })
      const { tells } = await watch(a, bench)
      // A store may tell those only who have read.
      for (const session of [emptied, lost]) found(await read(a, session))
      await write(b, emptied, {}, { delete: ['n'] })
      found(await read(b, lost, { seen: 9 }))
      for (const session of [emptied, lost]) await tells(session)
    },
    'watches',
  ),

  storeCase(
    'watching: the end of a session is told, with its kind, also where it was destroyed through an older id',
    async (bench) => {
      const { a, b, id, successor } = bench
      const [destroyed, from, nothing] = [id(), id(), id()]
      const next = successor(from)
      for (const session of [destroyed, from]) await write(b, session, { n: '1' })
      const { tellsEnd } = await watch(a, bench)
      await b.destroy(destroyed, how())
      await b.destroy(nothing, how())
      moved(await b.move(from, next, how()))
      await tellsEnd(destroyed, 'destroyed')
      await tellsEnd(nothing, 'destroyed')
      await tellsEnd(from, 'moved')
      await b.destroy(from, how())
      await tellsEnd(next, 'destroyed')
    },
    'watches',
  ),

  storeCase(
    'watching: a change is told to who has read since, whatever it did itself',
    async (bench) => {
      const { a, b, id } = bench
      const { heard, tells } = await watch(a, bench)
      const doings: ((session: string) => Promise<unknown>)[] = [
        (session) => read(a, session),
        (session) => read(a, session, { touch: LONG }),
        (session) => write(a, session, { mine: '1' }),
        (session) => a.touch(session, LONG),
        (session) => read(a, session, { seen: 9 }),
        (session) => a.write(session, change({ n: '2' }, expecting('n', 'null'))),
      ]
      for (const doing of doings) {
        const session = id()
        await read(a, session)
        await write(b, session, { n: '1' })
        await tells(session)
        found(await read(a, session))
        await doing(session)
        await doing(session)
        heard.changed.length = 0
        await write(b, session, { n: '3' })
        await tells(session)
      }
      const next = id()
      const from = `${next.slice(0, 2)}${id().slice(2)}`
      await write(a, from, { n: '1' })
      moved(await a.move(from, next, how()))
      await write(b, next, { n: '2' })
      await tells(next)
    },
    'watches',
  ),

  storeCase(
    'watching: what a backend did itself is not told to it afterwards',
    async (bench) => {
      const { a, b, id, now, successor, until } = bench
      const { heard, tells } = await watch(a, bench)
      const own = new Set<string>()
      // Until a call has been answered it may be told. From then on the backend knows, and would take it for somebody
      // else's change.
      const doing = async (sessions: readonly string[], call: (session: string) => Promise<unknown>) => {
        const one = async (session: string) => {
          await call(session)
          own.add(session)
          heard.changed = heard.changed.filter((told) => told !== session)
          heard.ended = heard.ended.filter((told) => !told.startsWith(session))
        }
        await Promise.all(sessions.slice(10).map(one))
        for (const session of sessions.slice(0, 10)) await one(session)
      }
      const many = () => Array.from({ length: 40 }, id)
      const [written, emptied, destroyed, moving] = [many(), many(), many(), many()]
      await doing([...written, ...emptied, ...destroyed, ...moving], (one) => write(a, one, { n: '1' }))
      await doing(emptied, (one) => write(a, one, {}, { delete: ['n'] }))
      await doing(destroyed, (one) => a.destroy(one, how()))
      await doing(moving, async (one) => moved(await a.move(one, successor(one), how())))
      await doing(many(), async (one) => found(await read(a, one, { seen: 9 })))
      const barrier = id()
      await read(a, barrier)
      await write(b, barrier, { n: '1' })
      await tells(barrier)
      const end = now() + ECHO
      await until('time passes', () => now() > end)
      const echoes = [...heard.changed, ...heard.ended].filter((told) => own.has(told.split(' ')[0] ?? ''))
      assert.deepEqual(echoes, [], 'a backend was told of its own changes after their calls had been answered')
    },
    'watches',
  ),

  storeCase(
    'watching: whoever has stopped hears nothing more',
    async (bench) => {
      const { a, b, id } = bench
      const first = await watch(a, bench)
      const other = await watch(b, bench)
      const [session, barrier] = [id(), id()]
      for (const one of [session, barrier]) await read(a, one)
      await write(b, session, { n: '1' })
      await first.tells(session)
      first.stop()
      const before = structuredClone(first.heard)
      await write(b, barrier, { n: '1' })
      await b.destroy(session, how())
      await read(b, barrier)
      await write(a, barrier, { n: '2' })
      await other.tells(barrier)
      assert.deepEqual(first.heard, before, 'a stopped watcher was told something')
    },
    'watches',
  ),

  storeCase(
    'watching: a backend that watches hears when everything is lost',
    async (bench) => {
      const { a, b, id, setup, until } = bench
      const session = id()
      await write(b, session, { n: '1' })
      const { heard } = await watch(a, bench)
      found(await read(a, session))
      await setup.loseEverything?.()
      await until('the loss is told', () => heard.down > 0 || heard.changed.includes(session))
    },
    'watches',
    'loseEverything',
  ),
]
