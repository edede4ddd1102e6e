/** JSON, or undefined: the key is not there. */
export type Value = unknown

export interface MergeRules {
  /** Paths of numbers that add up: `views`, `stats.views`. */
  readonly counters: ReadonlySet<string>
  /** The same, and all that they are in: `stats`. */
  readonly counting: ReadonlySet<string>
}

export function mergeRules(counters: readonly string[]): MergeRules {
  const prefixes = (path: string) => path.split('.').map((_, at, names) => names.slice(0, at + 1).join('.'))
  return { counters: new Set(counters), counting: new Set(counters.flatMap(prefixes)) }
}

export interface Merged {
  readonly value: Value
  /** Where both had changed the same, so that the later one (`mine`) has won. */
  readonly clashes: readonly string[]
}

/**
 * What is made of anew by every request, and only whole: half of one login attempt and half of another would be good
 * for neither.
 */
const NEVER = /csrf|xsrf|nonce|oauth|oidc|openid|pkce|verifier|challenge/i

/** Is everything at this path replaced as a whole? */
export function neverMerges(name: string): boolean {
  return NEVER.test(name)
}

/**
 * Three-way merge of one key: `base` is what this request read, `mine` what it made of that, `theirs` what another
 * request has stored meanwhile. Objects go by property; of arrays, what both appended stays, theirs first; equal
 * changes are one; what one of them deleted is gone; named counters add up. Otherwise mine, the later one, wins.
 */
export function merge(key: string, base: Value, mine: Value, theirs: Value, rules: MergeRules): Merged {
  const clashes: string[] = []
  return { value: mergeAt(key, key, base, mine, theirs, rules, clashes), clashes }
}

function mergeAt(
  path: string,
  name: string,
  base: Value,
  mine: Value,
  theirs: Value,
  rules: MergeRules,
  clashes: string[],
): Value {
  if (same(mine, theirs) && !rules.counting.has(path)) return mine
  if (same(mine, base)) return theirs
  if (same(theirs, base)) return mine
  if (base !== undefined && (mine === undefined || theirs === undefined)) return undefined
  if (rules.counters.has(path)) {
    const [from, one, other] = [base ?? 0, mine ?? 0, theirs ?? 0]
    if (isNumber(from) && isNumber(one) && isNumber(other)) return other + (one - from)
  }
  if (!neverMerges(name)) {
    if (isObject(mine) && isObject(theirs) && (base === undefined || isObject(base))) {
      return mergeObjects(path, base ?? {}, mine, theirs, rules, clashes)
    }
    const appended = appendBoth(base, mine, theirs)
    if (appended) return appended
  }
  clashes.push(path)
  return mine
}

type Plain = Readonly<Record<string, Value>>

function mergeObjects(
  path: string,
  base: Plain,
  mine: Plain,
  theirs: Plain,
  rules: MergeRules,
  clashes: string[],
): Plain {
  const merged: [string, Value][] = []
  // In the order of theirs, which is what the store has.
  for (const name of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const at = `${path}.${name}`
    const value = mergeAt(at, name, own(base, name), own(mine, name), own(theirs, name), rules, clashes)
    if (value !== undefined) merged.push([name, value])
  }
  return Object.fromEntries(merged)
}

/** Undefined: one of them did something else than append. */
function appendBoth(base: Value, mine: Value, theirs: Value): Value[] | undefined {
  if (!Array.isArray(mine) || !Array.isArray(theirs)) return undefined
  const start: Value = base ?? []
  if (!Array.isArray(start) || !beginsWith(mine, start) || !beginsWith(theirs, start)) return undefined
  return [...theirs, ...mine.slice(start.length)]
}

function beginsWith(list: readonly Value[], start: readonly Value[]): boolean {
  return list.length >= start.length && start.every((one, at) => same(one, list[at]))
}

/** The same JSON, in whatever order objects have their properties. */
export function same(one: Value, other: Value): boolean {
  if (one === other) return true
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((each, at) => same(each, other[at]))
  }
  if (!isObject(one) || !isObject(other)) return false
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  return names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]))
}

function own(object: Plain, name: string): Value {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isObject(value: Value): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNumber(value: Value): value is number {
  return typeof value === 'number'
}
