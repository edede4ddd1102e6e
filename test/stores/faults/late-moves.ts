import { MOVE_WINDOW, type MoveHow, type Store } from '../../../src/ports/store.ts'
import { type Fault, rowsAs } from './fault.ts'

/** A store that does otherwise where a session begins because its request comes too late for anything else, or where the answer is a tombstone. */
const lateAs =
  (late: (good: Store, from: string, to: string, how: MoveHow) => ReturnType<Store['move']>) =>
  (good: Store): Partial<Store> => ({
    async move(from, to, how) {
      const result = await good.move(from, to, { ...how, begins: undefined })
      return how.begins && result.kind === 'tombstone' ? late(good, from, to, how) : result
    },
  })

/** Begins a session that nothing ties to the others. */
async function alone(good: Store, to: string, { begins, ...how }: MoveHow): ReturnType<Store['move']> {
  const written = await good.write(to, { ...how, seen: 0, delete: [], expect: undefined })
  if (written.kind !== 'written') throw new Error(`a new session could not be written: ${written.kind}`)
  return { kind: 'moved', version: written.version, behind: 0, began: true }
}

export const lateMoves: readonly Fault[] = [
  {
    name: 'has nothing for who comes late',
    caughtBy: /^late moves: who may take nothing along begins/,
    store: lateAs((good, from, to, how) => good.move(from, to, { ...how, begins: undefined })),
  },
  {
    name: 'lets who comes late take everything along',
    caughtBy: /^late moves: who may take nothing along begins/,
    store: lateAs(async (good, from, to, how) => {
      // The version that moved is 1 in these cases.
      const moved = await good.move(from, to, { ...how, age: 1e12, seen: 1 })
      return moved.kind === 'moved' ? { ...moved, began: true } : moved
    }),
  },
  {
    name: 'does not say that a session has begun',
    caughtBy: /^late moves: who may take nothing along begins/,
    store: (good) => ({
      async move(from, to, how) {
        const result = await good.move(from, to, how)
        return result.kind === 'moved' ? { ...result, began: false } : result
      },
    }),
  },
  {
    name: 'begins although there is something to take along',
    caughtBy: /^late moves: who may take something along/,
    store: (good) => ({
      move: (from, to, how) => good.move(from, to, how.begins ? { ...how, seen: how.seen + 1 } : how),
    }),
  },
  {
    name: 'begins a session at a version that its client has seen of the old one',
    caughtBy: /^late moves: (who may take nothing along|the same one again)/,
    store: lateAs((good, from, to, how) => good.move(from, to, { ...how, seen: 0 })),
  },
  {
    name: 'begins sessions that no logout of the others reaches',
    caughtBy: /^late moves: a logout with any of the ids/,
    store: lateAs((good, _from, to, how) => alone(good, to, how)),
  },
  {
    name: 'finds the last of several moves only',
    caughtBy: /^late moves: through several moves/,
    table: rowsAs((after) => (after.ended ? { ...after, from: undefined } : after)),
  },
  {
    name: 'ends by its twin what moved long ago',
    caughtBy: /^late moves: each move has its own moment/,
    table: rowsAs((after) => (after.from ? { ...after, from: { ...after.from, at: after.from.at + 1e9 } } : after)),
  },
  {
    name: 'counts the moment of the first of several moves for all',
    caughtBy: /^late moves: each move has its own moment/,
    table: rowsAs((after, before) =>
      before?.from && after.ended
        ? { ...after, from: undefined, ended: { ...after.ended, at: before.from.at } }
        : after,
    ),
  },
  {
    name: 'begins what comes late whenever it comes',
    caughtBy: /^late moves: once the moment is over/,
    store: (good) => ({
      async move(from, to, how) {
        const result = await good.move(from, to, how)
        const isLater = result.kind === 'tombstone' && result.end === 'moved' && result.age > MOVE_WINDOW
        return how.begins && isLater ? alone(good, to, how) : result
      },
    }),
  },
  {
    name: 'begins what comes late although somebody has logged out',
    caughtBy: /^late moves: where somebody has logged out/,
    store: lateAs(async (good, from, to, how) => {
      const result = await good.move(from, to, how)
      return result.kind === 'tombstone' && result.end === 'destroyed' ? alone(good, to, how) : result
    }),
  },
  {
    name: 'says of what comes after a logout that the session has moved',
    caughtBy: /^late moves: where somebody has logged out/,
    store: lateAs(async (good, from, to, how) => {
      const result = await good.move(from, to, how)
      return result.kind === 'tombstone' ? { ...result, end: 'moved' } : result
    }),
  },
  {
    name: 'lets what begins live as long as the old session would have',
    caughtBy: /^late moves: what begins has a time of its own/,
    store: (good) => ({
      move: (from, to, how) => good.move(from, to, how.begins ? { ...how, begins: { ttl: how.ttl } } : how),
    }),
  },
  {
    name: 'has no limit for what begins late',
    caughtBy: /^late moves: what is too large/,
    store: lateAs((good, from, to, how) => good.move(from, to, { ...how, maxBytes: 1e12 })),
  },
  {
    name: 'forgets where a session came from that has stored nothing',
    caughtBy: /^late moves: what had stored nothing is found/,
    table: rowsAs((after) => (after.version === 0 && !after.ended ? { ...after, from: undefined } : after)),
  },
]
