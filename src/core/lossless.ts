import { printed } from './printed.ts'

/** Why a value is refused: a text that may stand in an error as it is. */
export class Lossy extends TypeError {}

/**
 * The replacer that JSON.stringify gets: it refuses what JSON turns into something else, or leaves out, without a word.
 * It sees each value once, after its toJSON(), whose word counts. (BigInt and cycles JSON.stringify refuses itself.)
 */
export function refuseLossy(this: unknown, name: string, value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) throw lossy(name, `${value} would become null`)
      return value
    case 'object':
      checkObject(name, value, this as Holder)
      return value
    case 'undefined':
      checkUndefined(name, this as Holder)
      return value
    case 'function':
    case 'symbol':
      throw lossy(name, Array.isArray(this) ? `${typeof value} in an array would become null` : noPlaceFor(value, name))
    default:
      return value
  }
}

/** The object or array that a value stands in, as it was before any toJSON(). */
type Holder = Readonly<Record<string, unknown>>

function checkObject(name: string, value: object | null, holder: Holder): void {
  const given = holder[name]
  if (value === null) {
    if (tagOf(given) === '[object Date]') throw lossy(name, 'an invalid Date would become null')
    return
  }
  // A Buffer's toJSON() makes an object of it that nothing makes a Buffer of again.
  if (ArrayBuffer.isView(given)) throw unlike(name, given)
  if (!isPlain(value)) throw unlike(name, value)
  if (Array.isArray(value) && Object.keys(value).length > value.length) {
    const extra = Object.keys(value).at(-1) ?? ''
    throw lossy(name, `an array would lose its property '${printed(extra)}'; make it an object, or copy it: [...array]`)
  }
  const symbols = Object.getOwnPropertySymbols(value)
  if (symbols.length > 0) checkSymbols(name, value, symbols)
}

/** As the value of a property it is the same as no property, which is how JSON has it. */
function checkUndefined(name: string, holder: Holder): void {
  if (holder[name] !== undefined) throw lossy(name, 'its toJSON() returns undefined')
  if (Array.isArray(holder)) throw lossy(name, 'undefined in an array would become null')
}

/**
 * Made by a literal or by JSON.parse, in whatever realm (a vm context, as tests have it), or an object without a
 * prototype.
 */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  // Array.prototype is an array itself; that of a class is none.
  if (Array.isArray(value)) return Array.isArray(prototype)
  // The tag tells `arguments`, Math and their like, whose prototype is that of a literal.
  return (prototype === Object.prototype || isRoot(prototype)) && tagOf(value) === '[object Object]'
}

function isRoot(prototype: unknown): boolean {
  if (typeof prototype !== 'object' || prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

/** What is not enumerable is hidden on purpose, and no data. */
function checkSymbols(name: string, value: object, symbols: readonly symbol[]): void {
  const symbol = symbols.find((key) => Object.prototype.propertyIsEnumerable.call(value, key))
  if (symbol) throw lossy(name, `the key ${printed(String(symbol))} would be left out; JSON's keys are strings`)
}

/** `[object Map]`: what the language knows it as, whatever realm it is from. */
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value)
}

function noPlaceFor(value: unknown, name: string): string {
  // What has a function called then is a promise to whoever awaits it.
  return `JSON has no ${typeof value}${name === 'then' ? '; await what it belongs to first' : '; leave it out'}`
}

function unlike(name: string, value: object): Lossy {
  return lossy(name, `${describeClass(value)} would not come back as one; ${cure(value)}`)
}

function describeClass(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null
  const given = prototype?.constructor?.name
  const word = typeof given === 'string' && given !== '' && given !== 'Object' ? printed(given) : printed(kindOf(value))
  if (word === 'Object') return 'an object with a prototype of its own'
  return `${/^[AEIO]/i.test(word) ? 'an' : 'a'} ${word}`
}

/** `Map` of `[object Map]`. */
function kindOf(value: object): string {
  return tagOf(value).slice('[object '.length, -1)
}

function cure(value: object): string {
  if ('then' in value && typeof value.then === 'function') return 'await it first'
  const known = CURES.get(kindOf(value))
  if (known !== undefined) return known
  if (ArrayBuffer.isView(value)) return AS_TEXT
  if (Symbol.iterator in value) return 'spread it into an array or an object'
  return 'copy what you need of it into a plain object, such as { ...it }, or give its class a toJSON()'
}

const AS_TEXT = "store its bytes as text, such as Buffer.from(it).toString('base64')"
const CURES: ReadonlyMap<string, string> = new Map([
  ['ArrayBuffer', AS_TEXT],
  ['SharedArrayBuffer', AS_TEXT],
  ['Blob', "store its bytes as text, such as Buffer.from(await it.arrayBuffer()).toString('base64')"],
  ['RegExp', 'store its source'],
  ['Error', 'store what you need of it, such as its message'],
  ...['Number', 'String', 'Boolean', 'BigInt', 'Symbol'].map((tag) => [tag, 'store its valueOf()'] as const),
])

function lossy(name: string, why: string): Lossy {
  return new Lossy(name === '' ? why : `at '${printed(name)}', ${why}`)
}
