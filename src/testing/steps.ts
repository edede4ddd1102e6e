import assert from 'node:assert/strict'
import type { Change, MoveHow, MoveResult, ReadHow, ReadResult, Retired, Store, WriteResult } from '../ports/store.ts'

/** Milliseconds that nothing in the suite outlives by waiting. */
export const LONG = 60_000

export type Texts = Readonly<Record<string, string>> | ReadonlyMap<string, string>

export function how(rest: Partial<MoveHow> = {}): MoveHow {
  return { seen: 0, ttl: LONG, tombstoneTtl: LONG, within: 10_000, ...rest }
}

export function change(set: Texts, rest: Partial<Change> = {}): Change {
  return { ...how(), set: asMap(set), delete: [], expect: undefined, maxBytes: 10_000_000, ...rest }
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

/** The current text, of a write that an expectation must have stopped. */
export function conflict(result: WriteResult): string | undefined {
  if (result.kind !== 'conflict') assert.fail(`the expectation should have stopped the write, but: ${show(result)}`)
  return result.text
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

export function read(store: Store, id: string, rest: Partial<ReadHow> = {}): Promise<ReadResult> {
  return store.read(id, { seen: 0, renew: undefined, ttl: LONG, ...rest })
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
export function retired(result: { readonly kind: string } | Retired, operation = 'the operation'): number {
  if (!('age' in result)) assert.fail(`${operation} should have met a tombstone ('retired'), but: ${show(result)}`)
  assert.equal(result.kind, 'retired')
  assert.ok(Number.isFinite(result.age), `a tombstone's age must be milliseconds, not ${result.age}`)
  return result.age
}

export async function absent(store: Store, id: string): Promise<void> {
  const result = await read(store, id)
  assert.equal(result.kind, 'absent', `nothing should be stored under this id, but: ${show(result)}`)
}

/** Every operation must meet a tombstone, whatever the client has seen, and say the same of it. */
export async function isRetired(store: Store, id: string, successor: string, moved: boolean, seen = 0): Promise<void> {
  const met = (result: { readonly kind: string } | Retired, operation: string) => {
    retired(result, operation)
    const said = 'moved' in result ? result.moved : undefined
    assert.equal(said, moved, `${operation} met the tombstone of a session that was moved: ${said} instead of ${moved}`)
  }
  met(await read(store, id, { seen }), 'a read')
  met(await read(store, id, { seen, renew: LONG }), 'a read that renews')
  met(await store.write(id, change({ late: '1' }, { seen })), 'a write')
  met(await store.write(id, change({}, { seen, expect: { key: 'late', text: undefined } })), 'an expecting write')
  met(await store.move(id, successor, how({ seen })), 'a move')
  met(await store.destroy(id, how({ seen })), 'a second destroy')
  met(await store.touch(id, LONG), 'a touch')
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
