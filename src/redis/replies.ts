import type { DestroyResult, End, MoveResult, ReadResult, Tombstone, TouchResult, WriteResult } from '../ports/store.ts'
import { parseStored, type Stored } from './stored.ts'
import { tagsOf } from './tags.ts'

/** Redis's replies as the results of the port. The scripts say what they return. */
type Reply = readonly unknown[]

/** Did a script that writes do so? */
export function isDone([word]: Reply): boolean {
  return word === 'written' || word === 'destroyed' || word === 'moved' || word === 'labelled'
}

/** Of a plain GET; undefined: only the script can say more (a tombstone, or older than what was seen). */
export function plainRead(answer: unknown, seen: number): ReadResult | undefined {
  if (answer === null) return seen === 0 ? { kind: 'absent' } : undefined
  const stored = parseStored(String(answer))
  if (!stored || stored.version < seen) return undefined
  if (stored.version === 0) return { kind: 'absent' }
  const { lost } = stored
  if (lost && seen > lost.above && seen <= lost.upTo) return undefined
  return found(stored, 0)
}

/**
 * Of a plain GET, where no script can run: a tombstone too. Still undefined: it is older than what was seen, which only
 * a script can mend.
 */
export function readOnly(answer: unknown, seen: number, now: number | undefined): ReadResult | undefined {
  const [, kind, since] = /^([->])(\d+)/.exec(String(answer)) ?? []
  if (since === undefined) return plainRead(answer, seen)
  const age = now === undefined ? 0 : Math.max(0, now - Number(since))
  return { kind: 'tombstone', age, end: kind === '>' ? 'moved' : 'destroyed' }
}

export function read(answer: Reply): ReadResult {
  const [word, behind, touched, value] = answer
  if (word === 'absent') return { kind: 'absent' }
  if (word === 'tombstone') return tombstone(answer)
  const stored = parseStored(String(value))
  if (!stored) throw new Error('Redis answered a read with something else than a session')
  return { ...found(stored, Number(behind)), touched: Number(touched) === 1 }
}

/** `expected`: the keys that the write spoke of. */
export function write(answer: Reply, expected: Iterable<string>): WriteResult {
  const [word, first, second, tags, begins] = answer
  if (word === 'absent') return { kind: 'absent' }
  if (word === 'conflict') return { kind: 'conflict', found: texts(answer.slice(1), expected) }
  if (word === 'claimed') return { kind: 'claimed', ms: Number(first) }
  if (word === 'too-large') return { kind: 'too-large', bytes: Number(first) }
  if (word === 'tombstone') return tombstone(answer)
  return {
    kind: 'written',
    version: Number(first),
    behind: Number(second),
    ...(begins === 1 && BEGINS),
    ...tagsOf(tags),
  }
}

/** `idOf`: the id that a key stands for. */
export function destroy(answer: Reply, idOf: (key: string) => string | undefined): DestroyResult {
  const [word, ...keys] = answer
  if (word === 'tombstone') return tombstone(answer)
  if (word === 'other-label') return { kind: 'other-label' }
  if (keys.length === 0) return { kind: 'destroyed' }
  return { kind: 'destroyed', successors: keys.flatMap((key) => idOf(String(key)) ?? []) }
}

export function move(answer: Reply): MoveResult {
  const [word, first, behind, began, tags] = answer
  if (word === 'tombstone') return tombstone(answer)
  if (word === 'too-large') return { kind: 'too-large', bytes: Number(first) }
  const moved = { kind: 'moved', version: Number(first), behind: Number(behind), ...tagsOf(tags) } as const
  return Number(began) === 1 ? { ...moved, began: true } : moved
}

export function touch(answer: Reply): TouchResult {
  if (answer[0] === 'tombstone') return tombstone(answer)
  if (answer[0] === 'absent') return { kind: 'absent' }
  const { label } = tagsOf(answer[1])
  return label === undefined ? { kind: 'touched' } : { kind: 'touched', label }
}

/** Milliseconds since 1970. */
export function time(answer: unknown): number {
  const [seconds, micros] = answer as [unknown, unknown]
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
}

const BEGINS = { begins: true } as const

/** Of what INFO says: enough of the run id to tell servers apart, or '' where it says none. */
export function runId(info: unknown): string {
  const [, hex] = /^run_id:([0-9a-f]{6})/m.exec(String(info)) ?? []
  return hex === undefined ? '' : Buffer.from(hex, 'hex').toString('base64url')
}

function found({ version, entries, lost, tags }: Stored, behind: number) {
  return { kind: 'found', version, behind, entries, lost, ...tags } as const
}

function tombstone([, age, end]: Reply): Tombstone {
  return { kind: 'tombstone', age: Number(age), end: String(end) as End }
}

/** No JSON text is empty: that stands for a key that is absent. */
function texts(list: Reply, keys: Iterable<string>): Map<string, string | undefined> {
  return new Map([...keys].map((key, i) => [key, list[i] === '' ? undefined : String(list[i])]))
}
