import type { Lost, Tagged } from '../ports/store.ts'
import { readTags, tagged } from './tags.ts'

/** A session as it is stored; scripts/session.ts describes the form. */
export interface Stored {
  readonly version: number
  readonly lost: Lost | undefined
  readonly tags: Tagged
  readonly entries: Map<string, string>
}

/** As Redis says it of other types. */
const WRONG = 'WRONGTYPE something else is stored under this key'

/** Undefined: it is a tombstone. */
export function parseStored(value: string): Stored | undefined {
  if (value.startsWith('-') || value.startsWith('>')) return undefined
  if (!/^\d+ \d+/.test(value)) throw new Error(WRONG)
  const entries = new Map<string, string>()
  const end = value.indexOf('\n')
  for (let at = end; at !== -1; ) {
    const next = value.indexOf('\n', at + 1)
    // Other lines are claims.
    if (value[at + 1] === '"') {
      const tab = value.indexOf('\t', at)
      entries.set(keyOf(value.slice(at + 1, tab)), value.slice(tab + 1, next === -1 ? undefined : next))
    }
    at = next
  }
  const head = end === -1 ? value : value.slice(0, end)
  // What follows ' f' is a key.
  const [version, , ...tags] = (head.split(' f', 1)[0] ?? head).split(' ')
  const [, lost] = tagged(tags, 'r')?.split(':') ?? []
  const [above = 0, upTo = 0] = lost?.split('-').map(Number) ?? []
  return {
    version: Number(version),
    lost: lost === undefined ? undefined : { above, upTo },
    tags: readTags(tags),
    entries,
  }
}

/** Without the parser's own words, which quote what is stored. */
function keyOf(json: string): string {
  if (!json.includes('\\')) return json.slice(1, -1)
  try {
    return String(JSON.parse(json))
  } catch {
    throw new Error(WRONG)
  }
}
