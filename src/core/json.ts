import { isError, LimpetError, StoreError } from './errors.ts'
import { isPlain, Lossy, refuseLossy } from './lossless.ts'
import { printed } from './printed.ts'

/** Out here, because some compilers make a new RegExp wherever a literal of this kind is reached. */
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Throws `ERR_LIMPET_KEY` unless the key is a string that UTF-8 can carry: two such keys never become one in the store.
 */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== 'string') {
    throw new LimpetError(
      'ERR_LIMPET_KEY',
      `a session key must be a string, like session.get('cart'); got ${typeof key}`,
    )
  }
  if (LONE_SURROGATE.test(key)) {
    throw new LimpetError(
      'ERR_LIMPET_KEY',
      'a session key must be well-formed Unicode; this one has half a surrogate pair',
    )
  }
}

/**
 * The JSON text of a value. Throws `ERR_LIMPET_VALUE` for what would come back as something else, or not at all. What a
 * `toJSON()` returns stands for the value, so a Date becomes its text; a property whose value is undefined is left out,
 * and -0 becomes 0.
 */
export function encodeValue(key: string, value: unknown): string {
  // Nothing can be lost in these, and looking for it costs more than writing them.
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return JSON.stringify(value)
  let text: string | undefined
  try {
    text = JSON.stringify(value, refuseLossy)
  } catch (error) {
    throw unfit(key, reasonOf(error))
  }
  if (text === undefined) {
    throw unfit(key, `JSON has no undefined; to remove the key call session.delete('${printed(key)}')`)
  }
  return text
}

/** The entries of `set(key, value)` or `set({ key: value })`. */
export function encodeEntries(keyOrValues: unknown, value: unknown): ReadonlyMap<string, string> {
  if (!isPlainObject(keyOrValues)) {
    checkKey(keyOrValues)
    return new Map([[keyOrValues, encodeValue(keyOrValues, value)]])
  }
  for (const symbol of Object.getOwnPropertySymbols(keyOrValues)) checkKey(symbol)
  return new Map(
    Object.entries(keyOrValues).map(([key, one]) => {
      checkKey(key)
      return [key, encodeValue(key, one)]
    }),
  )
}

/** A Map, a list or a Date has no keys that would be meant as the session's. */
function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isPlain(value)
}

export function decodeValue(text: string | undefined): unknown {
  if (text === undefined) return undefined
  // A string without escapes is what stands between the quotes.
  if (text.startsWith('"') && !text.includes('\\')) return text.slice(1, -1)
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own words quote what it could not read, which is somebody's session.
    const message =
      'the store holds a value of this session that is no JSON: something else than limpet has written there'
    throw new StoreError(message, { applied: false, outage: false })
  }
}

/** Bytes that one entry counts for, in every store: its key and its JSON text in UTF-8. */
export function entryBytes(key: string, text: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(text)
}

/** In our own words, without the error itself: what a toJSON() throws may hold the value. */
function reasonOf(error: unknown): string {
  if (error instanceof Lossy) return error.message
  const text = isError(error) ? error.message : ''
  if (/circular/i.test(text)) return 'it refers to itself (a circular structure)'
  if (/BigInt/.test(text)) return 'JSON has no BigInt; store its text, such as String(it)'
  return `its toJSON() failed${isError(error) && /^\w{1,40}$/.test(error.name) ? ` with ${error.name}` : ''}`
}

function unfit(key: string, why: string): LimpetError {
  return new LimpetError('ERR_LIMPET_VALUE', `the value of '${printed(key)}' cannot be stored as JSON: ${why}`)
}
