import assert from 'node:assert/strict'
import type {
  Change,
  DestroyResult,
  End,
  MoveHow,
  MoveResult,
  ReadHow,
  ReadResult,
  Store,
  Tombstone,
  WriteResult,
} from '../ports/store.ts'

/** Milliseconds that nothing in the suite outlives by waiting. */
export const LONG = 60_000

export type Texts = Readonly<Record<string, string>> | ReadonlyMap<string, string>

const MOST = 10_000_000

/** An `age`: the request begins after all that a case has done, however quick that was, and whatever clocks measure. */
export const LATER = -1000

/** What an end or a move is told; its request began just now. */
export function how(rest: Partial<MoveHow> = {}): MoveHow {
  const times = { ttl: LONG, tombstoneTtl: LONG, markTtl: LONG, within: 10_000, age: 0 }
  return { seen: 0, ...times, set: new Map(), maxBytes: MOST, ...rest }
}

export function change(set: Texts, rest: Partial<Change> = {}): Change {
  return { seen: 0, ttl: LONG, within: 10_000, set: asMap(set), delete: [], expect: undefined, maxBytes: MOST, ...rest }
}

/** That a key has this text (undefined: is absent). */
export function expecting(key: string, text: string | undefined): { readonly expect: Change['expect'] } {
  return { expect: new Map([[key, text]]) }
}

/** Writes and says the new version; anything but `written` fails. `behind` must be as given. */
export async function write(store: Store, id: string, set: Texts, rest: Partial<Change> = {}, behind = 0) {
  return written(await store.write(id, change(set, rest)), behind)
}

export function written(result: WriteResult, behind = 0): number {
  if (result.kind !== 'written') assert.fail(`the write should have been done, but: ${show(result)}`)
  assert.equal(result.behind, behind, `a write answered behind ${result.behind} instead of ${behind}`)
  return version(result.version)
}

/** What stands there, of a write that an expectation must have stopped. */
export function conflicts(result: WriteResult): ReadonlyMap<string, string | undefined> {
  if (result.kind !== 'conflict') assert.fail(`the expectation should have stopped the write, but: ${show(result)}`)
  return result.found
}

/** The same of an expectation about one key. */
export function conflict(result: WriteResult): string | undefined {
  const found = conflicts(result)
  assert.equal(found.size, 1, `a conflict about one key speaks of ${found.size}`)
  return [...found.values()][0]
}

export function tooLarge(result: WriteResult): number {
  if (result.kind !== 'too-large') assert.fail(`the write should have been too large, but: ${show(result)}`)
  return result.bytes
}

export function moved(result: MoveResult, behind = 0): number {
  if (result.kind !== 'moved') assert.fail(`the session should have been moved, but: ${show(result)}`)
  assert.equal(result.behind, behind, `a move answered behind ${result.behind} instead of ${behind}`)
  return version(result.version)
}

/** A move of what had stored nothing. */
export function movedNothing(result: MoveResult): void {
  if (result.kind !== 'moved') assert.fail(`the session should have been moved, but: ${show(result)}`)
  assert.deepEqual([result.version, result.behind], [0, 0], 'the version and the loss of a session that stored nothing')
}

export function read(store: Store, id: string, rest: Partial<ReadHow> = {}): Promise<ReadResult> {
  return store.read(id, { seen: 0, touch: undefined, ttl: LONG, ...rest })
}

/** What a read that must find something found. */
export function found(result: ReadResult): { version: number; behind: number; entries: Map<string, string> } {
  if (result.kind !== 'found') assert.fail(`the session should have been found, but: ${show(result)}`)
  return { version: version(result.version), behind: result.behind, entries: new Map(result.entries) }
}

/** Reads, and checks the whole of what is found: these texts and no others, nothing lost, and the version if given. */
export async function holds(store: Store, id: string, set: Texts, expected?: number, seen = 0): Promise<number> {
  const { version, behind, entries } = found(await read(store, id, { seen }))
  assert.deepEqual(entries, asMap(set), 'the session holds something else than was written')
  assert.equal(behind, 0, `a read that had seen version ${seen} of ${version} answered behind ${behind}`)
  if (expected !== undefined)
    assert.equal(version, expected, 'the session is at another version than its last write said')
  return version
}

/** Milliseconds since the end, of any operation that must have met a tombstone. */
export function met(result: { readonly kind: string } | Tombstone, operation = 'the operation', end?: End): number {
  if (!('age' in result)) assert.fail(`${operation} should have met a tombstone, but: ${show(result)}`)
  assert.equal(result.kind, 'tombstone')
  assert.ok(Number.isFinite(result.age), `a tombstone's age must be milliseconds, not ${result.age}`)
  if (end) assert.equal(result.end, end, `${operation} met the tombstone of a session that was ${end}`)
  return result.age
}

/**
 * The session, or what it had gone on as, must have been destroyed by this. A store that names what ended along names
 * all of it.
 */
export function destroyed(result: DestroyResult, successors: readonly string[] = []): void {
  if (result.kind !== 'destroyed') assert.fail(`it should have been destroyed, but: ${show(result)}`)
  if (!result.successors) return
  assert.deepEqual([...result.successors].sort(), [...successors].sort(), 'the ids that ended along with this one')
}

export async function absent(store: Store, id: string): Promise<void> {
  const result = await read(store, id)
  assert.equal(result.kind, 'absent', `nothing should be stored under this id, but: ${show(result)}`)
}

/** Every operation must meet a tombstone, whatever the client has seen, and say the same of it. */
export async function isEnded(store: Store, id: string, successor: string, end: End, seen = 0): Promise<void> {
  met(await read(store, id, { seen }), 'a read', end)
  met(await read(store, id, { seen, touch: LONG }), 'a read that renews', end)
  met(await store.write(id, change({ late: '1' }, { seen })), 'a write', end)
  met(await store.write(id, change({}, { seen, ...expecting('late', undefined) })), 'an expecting write', end)
  met(await store.write(id, change({}, { seen, delete: ['late'] })), 'a write that deletes', end)
  met(await store.move(id, successor, how({ seen, age: LATER })), 'a move', end)
  // For a moment after a move this ends what the session went on as; cases of their own are about that.
  if (end === 'destroyed') met(await store.destroy(id, how({ seen })), 'a second destroy', end)
  met(await store.touch(id, LONG), 'a touch', end)
  await absent(store, successor)
}

function version(value: number): number {
  assert.ok(Number.isSafeInteger(value) && value > 0, `a version must be a whole number above 0, not ${value}`)
  return value
}

export function asMap(set: Texts): Map<string, string> {
  return set instanceof Map ? set : new Map(Object.entries(set))
}

function show(result: object): string {
  const text = JSON.stringify(result, (_, value) => (value instanceof Map ? Object.fromEntries(value) : value))
  return text.length > 300 ? `${text.slice(0, 300)}...` : text
}
