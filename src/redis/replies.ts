import type { DestroyResult, Lost, MoveResult, ReadResult, Retired, TouchResult, WriteResult } from '../ports/store.ts'

/** Redis's replies as the results of the port. The scripts say what they return. */
type Reply = readonly unknown[]

/** Did a script that writes do so? */
export function isDone([word]: Reply): boolean {
  return word === 'written' || word === 'destroyed' || word === 'moved'
}

/** Of a plain HGETALL; undefined: only the script can say more (a tombstone, or older than what was seen). */
export function plainRead(answer: unknown, seen: number): ReadResult | undefined {
  const { version, destroyed, entries, lost } = unpack(fieldsOf(answer))
  if (destroyed || version < seen || (lost && seen > lost.above && seen <= lost.upTo)) return undefined
  return version === 0 ? { kind: 'absent' } : { kind: 'found', version, behind: 0, entries, lost }
}

export function read(answer: Reply): ReadResult {
  const [word, version, behind, renewed, ...fields] = answer
  if (word === 'absent') return { kind: 'absent' }
  if (word === 'retired') return retired(answer)
  const { entries, lost } = unpack(fields)
  return {
    kind: 'found',
    version: Number(version),
    behind: Number(behind),
    entries,
    lost,
    renewed: Number(renewed) === 1,
  }
}

export function write(answer: Reply): WriteResult {
  const [word, first, second] = answer
  if (word === 'conflict') return { kind: 'conflict', text: typeof first === 'string' ? first : undefined }
  if (word === 'too-large') return { kind: 'too-large', bytes: Number(first) }
  if (word === 'retired') return retired(answer)
  return { kind: 'written', version: Number(first), behind: Number(second) }
}

export function destroy(answer: Reply): DestroyResult {
  return answer[0] === 'retired' ? retired(answer) : { kind: 'destroyed' }
}

export function move(answer: Reply): MoveResult {
  const [word, version, behind] = answer
  return word === 'retired' ? retired(answer) : { kind: 'moved', version: Number(version), behind: Number(behind) }
}

export function touch(answer: Reply): TouchResult {
  if (answer[0] === 'retired') return retired(answer)
  return { kind: answer[0] === 'absent' ? 'absent' : 'touched' }
}

/** Milliseconds since 1970. */
export function time(answer: unknown): number {
  const [seconds, micros] = answer as [unknown, unknown]
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
}

function retired([, age, moved]: Reply): Retired {
  return { kind: 'retired', age: Number(age), moved: Number(moved) === 1 }
}

/** RESP2 sends a hash as a flat list; RESP3 as a map, which clients hand on as one thing or the other. */
function fieldsOf(answer: unknown): Reply {
  if (Array.isArray(answer)) return answer
  return (answer instanceof Map ? [...answer] : Object.entries(answer as object)).flat()
}

interface Unpacked {
  readonly version: number
  readonly destroyed: boolean
  readonly lost: Lost | undefined
  readonly entries: Map<string, string>
}

function unpack(fields: Reply): Unpacked {
  const entries = new Map<string, string>()
  let version = 0
  let destroyed = false
  let lost: Lost | undefined
  for (let i = 0; i < fields.length; i += 2) {
    const field = String(fields[i])
    if (field.startsWith(':')) entries.set(field.slice(1), String(fields[i + 1]))
    else if (field === 'v') version = Number(fields[i + 1])
    else if (field === 'x') destroyed = true
    else if (field === 'l') lost = lostOf(String(fields[i + 1]))
  }
  return { version, destroyed, lost, entries }
}

function lostOf(text: string): Lost {
  const [above, upTo] = text.split('-')
  return { above: Number(above), upTo: Number(upTo) }
}
