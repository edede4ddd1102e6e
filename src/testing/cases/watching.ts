import assert from 'node:assert/strict'
import type { Store } from '../../ports/store.ts'
import { type Bench, storeCase } from '../bench.ts'
import { found, how, moved, read, write } from '../steps.ts'

/** Milliseconds within which a backend would have heard of its own changes; the next backend has heard of them by then. */
const ECHO = 100

/** Watches until the case ends, or `stop`; waits until every change is told. */
async function watch(store: Store, { onEnd, until }: Bench) {
  const heard = { changed: [] as string[], up: 0, down: 0 }
  let stop = store.watch?.({
    changed: (id) => void heard.changed.push(id),
    up: () => void heard.up++,
    down: () => void heard.down++,
    renewed: () => undefined,
    warn: () => undefined,
  })
  if (!stop) assert.fail('a setup with `watches: true` has a store with watch()')
  const stopOnce = () => {
    stop?.()
    stop = undefined
  }
  onEnd(stopOnce)
  await until('watch() says up()', () => heard.up > 0)
  return { heard, stop: stopOnce, tells: (id: string) => until('a change is told', () => heard.changed.includes(id)) }
}

export const watching = [
  storeCase(
    'watching: what another backend writes is told, from up() on',
    async (bench) => {
      const { a, b, id } = bench
      const { heard, tells } = await watch(a, bench)
      const sessions = Array.from({ length: 20 }, id)
      for (const session of sessions) await write(b, session, { n: '1' })
      for (const session of sessions) await tells(session)
      heard.changed.length = 0
      await write(b, sessions[0] ?? '', { n: '2' })
      await tells(sessions[0] ?? '')
    },
    'watches',
  ),

  storeCase(
    'watching: so is what another backend deletes, destroys, moves, or finds lost',
    async (bench) => {
      const { a, b, id, successor } = bench
      const [emptied, destroyed, from, lost] = [id(), id(), id(), id()]
      for (const session of [emptied, destroyed, from, lost]) await write(b, session, { n: '1' })
      const { tells } = await watch(a, bench)
      await write(b, emptied, {}, { delete: ['n'] })
      await b.destroy(destroyed, how())
      moved(await b.move(from, successor(from), how()))
      found(await read(b, lost, { seen: 9 }))
      for (const session of [emptied, destroyed, from, lost]) await tells(session)
    },
    'watches',
  ),

  storeCase(
    'watching: what a backend did itself is not told to it afterwards',
    async (bench) => {
      const { a, b, id, now, successor, until } = bench
      const { heard, tells } = await watch(a, bench)
      const own = new Set<string>()
      // Until a call has been answered it may be told. From then on the backend knows, and would take it for somebody else's change.
      const doing = async (sessions: readonly string[], call: (session: string) => Promise<unknown>) => {
        const one = async (session: string) => {
          await call(session)
          own.add(session)
          heard.changed = heard.changed.filter((told) => told !== session)
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
      await write(b, barrier, { n: '1' })
      await tells(barrier)
      const end = now() + ECHO
      await until('time passes', () => now() > end)
      const echoes = heard.changed.filter((told) => own.has(told))
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
      await write(b, session, { n: '1' })
      await first.tells(session)
      first.stop()
      const before = { ...first.heard, changed: [...first.heard.changed] }
      await write(b, barrier, { n: '1' })
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
