import { LimpetError } from '../core/errors.ts'
import { checkKey, encodeValue } from '../core/json.ts'
import { printed } from '../core/printed.ts'
import type { Entries } from '../ports/store.ts'

/** The key under which a session's own cookie attributes are stored: no application can have one of that name. */
export const COOKIE = 'cookie'

/**
 * The JSON text of every key, as `JSON.stringify(session)` would have it: what JSON has no form for is left out, a Date
 * becomes its text, NaN becomes null. What stands under `looksKey` is no data. Throws `ERR_LIMPET_VALUE` for what no JSON can be made of.
 */
export function pictureOf(data: object, looksKey = COOKIE): Map<string, string> {
  const picture = new Map<string, string>()
  for (const key of Object.keys(data)) {
    if (key === looksKey) continue
    const text = textOf(key, (data as Record<string, unknown>)[key])
    if (text !== undefined) picture.set(key, text)
  }
  return picture
}

function textOf(key: string, value: unknown): string | undefined {
  if (typeof value === 'string') return JSON.stringify(value)
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    // A circle, a BigInt, a toJSON() that throws: this one says which, and shows no value.
    encodeValue(key, value)
    throw new LimpetError('ERR_LIMPET_VALUE', `the value of '${printed(key)}' cannot be stored as JSON`)
  }
  if (text !== undefined) checkKey(key)
  return text
}

/** Keys that have another text now, or none, or had none. */
export function changedKeys(before: Entries, now: Entries): string[] {
  const changed: string[] = []
  for (const [key, text] of now) {
    const old = before.get(key)
    if (old !== text && !(old !== undefined && respelled(old) === text)) changed.push(key)
  }
  for (const key of before.keys()) if (!now.has(key)) changed.push(key)
  return changed
}

/** Whoever stored it may spell JSON in another way, which is no change. */
function respelled(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}
