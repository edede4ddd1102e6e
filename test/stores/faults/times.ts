import { type Fault, rowsAs } from './fault.ts'

export const times: readonly Fault[] = [
  {
    name: 'keeps everything for ever',
    caughtBy: /^lifetimes: data is forgotten/,
    table: rowsAs((after) => ({ ...after, expires: Number.POSITIVE_INFINITY })),
  },
  {
    name: 'takes milliseconds for seconds',
    caughtBy: /^lifetimes: data is forgotten/,
    table: (good) => rowsAs((after) => ({ ...after, expires: good.now() + (after.expires - good.now()) * 1000 }))(good),
  },
  {
    name: 'forgets after a fixed time',
    caughtBy: /^lifetimes: a write renews/,
    table: rowsAs((after, before) => ({ ...after, expires: before?.expires ?? after.expires })),
  },
  {
    name: 'renews whenever it is read',
    caughtBy: /^lifetimes: data is forgotten/,
    store: (good) => ({ read: (id, how) => good.read(id, { ...how, touch: how.touch ?? how.ttl }) }),
  },
  {
    name: 'never renews in a read',
    caughtBy: /^lifetimes: a read renews/,
    store: (good) => ({ read: (id, how) => good.read(id, { ...how, touch: undefined }) }),
  },
  {
    name: 'takes a touch for done',
    caughtBy: /^lifetimes: a touch renews/,
    store: (good) => ({
      async touch(id) {
        const result = await good.read(id, { seen: 0, touch: undefined, ttl: 1000 })
        return result.kind === 'found' ? { kind: 'touched' } : result
      },
    }),
  },
  {
    name: 'counts lifetimes in 32 bits',
    caughtBy: /^lifetimes: a month and ten years/,
    table: (good) => rowsAs((after) => ({ ...after, expires: good.now() + ((after.expires - good.now()) | 0) }))(good),
  },
  {
    name: 'writes although it is too late',
    caughtBy: /^deadlines: a write/,
    store: (good) => ({ write: (id, how) => good.write(id, { ...how, within: 1000 }) }),
  },
  {
    name: 'destroys and moves although it is too late',
    caughtBy: /^deadlines: so are/,
    store: (good) => ({
      destroy: (id, how) => good.destroy(id, { ...how, within: 1000 }),
      move: (from, to, how) => good.move(from, to, { ...how, within: 1000 }),
    }),
  },
  {
    name: 'rejects a late write with any error',
    caughtBy: /^deadlines: a write/,
    store: (good) => ({
      async write(id, how) {
        if (how.within <= 0) throw new Error('late')
        return good.write(id, how)
      },
    }),
  },
  {
    name: 'writes, and says that it was too late',
    caughtBy: /^deadlines: a write/,
    store: (good) => ({
      async write(id, how) {
        if (how.within > 0) return good.write(id, how)
        await good.write(id, { ...how, within: 1000 })
        throw Object.assign(new Error('late'), { code: 'ERR_LIMPET_STORE', applied: false })
      },
    }),
  },
  {
    name: 'refuses what it does all the same',
    caughtBy: /^deadlines: a write that was refused at the last moment/,
    store: (good) => ({
      async write(id, how) {
        const result = await good.write(id, how)
        if (how.within > 3) return result
        throw Object.assign(new Error('late'), { code: 'ERR_LIMPET_STORE', applied: false })
      },
    }),
  },
]
