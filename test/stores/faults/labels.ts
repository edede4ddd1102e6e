import type { Labels, Store } from '../../../src/ports/store.ts'
import { type Fault, rowsAs } from './fault.ts'

const indexAs =
  (change: (good: Labels) => Partial<Labels>) =>
  (good: Store): Partial<Store> =>
    good.labels ? { labels: { ...good.labels, ...change(good.labels) } } : {}

const ending =
  (change: (how: Parameters<Store['destroy']>[1]) => Parameters<Store['destroy']>[1]) =>
  (good: Store): Partial<Store> => ({ destroy: (id, how) => good.destroy(id, change(how)) })

export const labels: readonly Fault[] = [
  {
    name: 'forgets the label when a session moves',
    caughtBy: /^labels: one is kept/,
    table: rowsAs((after, before) => {
      const isNew = before === undefined && after.from !== undefined
      return isNew && after.tags ? { ...after, tags: { ...after.tags, label: undefined } } : after
    }),
  },
  {
    name: 'makes a session of the removal of a label',
    caughtBy: /^labels: removing one where nothing is stored/,
    store: (good) => ({
      write: (id, how) => good.write(id, how.label === null ? { ...how, set: new Map([['made', '1']]) } : how),
    }),
  },
  {
    name: 'ends whatever label it has',
    caughtBy: /^labels: whoever ends what has one/,
    store: ending((how) => ({ ...how, onlyLabel: undefined })),
  },
  {
    name: 'forgets after a moment what a session went on as',
    caughtBy: /^labels: an end from outside follows/,
    store: ending((how) => ({ ...how, age: Math.min(how.age, 1000) })),
  },
  {
    name: 'spares nobody',
    caughtBy: /^labels: one session can be left alone/,
    store: ending((how) => ({ ...how, except: undefined })),
  },
  {
    name: 'keeps one index for all labels',
    caughtBy: /^label indexes: a label leads to all/,
    store: indexAs((good) => ({
      add: (_label, id, how) => good.add('one', id, how),
      list: (_label, how) => good.list('one', how),
      remove: (_label, ids, how) => good.remove('one', ids, how),
    })),
  },
  {
    name: 'always says that an id is new',
    caughtBy: /^label indexes: adding says/,
    store: indexAs((good) => ({ add: (...args) => good.add(...args).then(() => true) })),
  },
  {
    name: 'shortens the time of an id',
    caughtBy: /^label indexes: an id is forgotten/,
    store: indexAs((good) => ({
      async add(label, id, how) {
        const before = (await good.list(label, how)).includes(id)
        await good.remove(label, [id], how)
        await good.add(label, id, how)
        return !before
      },
    })),
  },
  {
    name: 'changes an index whatever the time is',
    caughtBy: /^label indexes: nothing is changed too late/,
    store: indexAs((good) => ({ add: (label, id, how) => good.add(label, id, { ...how, within: 1000 }) })),
  },
]
