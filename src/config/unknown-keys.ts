import { LimpetError } from '../core/errors.ts'
import { describe } from './duration.ts'

interface Wording {
  /** One of its keys: 'cookie option'. */
  readonly what: string
  /** The object itself: 'cookie'. */
  readonly name: string
  readonly example: string
  /** Words that other libraries have, and what to write instead. */
  readonly others?: Readonly<Record<string, string>>
}

/**
 * Throws `ERR_LIMPET_OPTIONS` for what is no object of options, and for a key that is not known, naming the one that
 * was probably meant.
 */
export function checkKeys(
  options: unknown,
  known: readonly string[],
  { what, name, example, others = {} }: Wording,
): asserts options is object {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrong(`${name} must be an object, like ${example}; got ${describe(options)}`)
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    const hint = Object.hasOwn(others, key) ? others[key] : guess(key, known)
    throw wrong(`unknown ${what} "${key}": ${hint}`)
  }
}

function guess(key: string, known: readonly string[]): string {
  const meant = closest(key, known)
  return meant ? `did you mean "${meant}"?` : `known: ${known.join(', ')}`
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}

function closest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  const [best] = ranked
  return best && best.far <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined
}

/** How many single-character edits lead from one word to the other (Levenshtein 1966). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const swap = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
