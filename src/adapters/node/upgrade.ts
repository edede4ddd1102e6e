import type { Duplex } from 'node:stream'
import { addCookie, type CookieRules, type Leaving } from '../../core/response-head.ts'
import { parseRawHead } from './raw-head.ts'

type Write = (chunk?: unknown, ...rest: unknown[]) => unknown
type Writable = Record<'write' | 'end', Write>

/**
 * The answer to an upgrade has no response object: whoever takes it writes a head to the socket, a 101, or a refusal
 * and its end. The hook waits for that first write and is gone afterwards. What is no whole head of HTTP/1 is left as
 * it is.
 */
export function addCookieToFirstWrite(socket: Duplex, leaving: Leaving, rules: CookieRules): void {
  const target = socket as unknown as Writable
  let waits = true
  const restores: (() => void)[] = []
  const pass = (chunk: unknown, encoding: unknown): unknown => {
    const bytes = waits ? textOf(chunk, encoding) : undefined
    if (bytes === undefined || bytes === '') return chunk
    const head = parseRawHead(bytes)
    if (head?.isInformational) return chunk
    waits = false
    for (const restore of restores) restore()
    if (head === undefined) return chunk
    addCookie(head, leaving, rules)
    return typeof chunk === 'string' ? head.toString() : Buffer.from(head.toString(), 'latin1')
  }
  for (const name of ['write', 'end'] as const) restores.push(replace(target, name, pass))
}

/** Returns the function that puts back what was there. */
function replace(target: Writable, name: 'write' | 'end', pass: (chunk: unknown, encoding: unknown) => unknown) {
  const wasOwn = Object.hasOwn(target, name)
  const original = target[name]
  const hooked: Write = (chunk, ...rest) => original.call(target, pass(chunk, rest[0]), ...rest)
  target[name] = hooked
  return () => {
    if (target[name] !== hooked) return
    if (wasOwn) target[name] = original
    else delete (target as Partial<Writable>)[name]
  }
}

/** Undefined: nothing that could be the text of a head. */
function textOf(chunk: unknown, encoding: unknown): string | undefined {
  if (typeof chunk === 'string')
    return /^(hex|base64|base64url|ucs-?2|utf-?16le)$/i.test(String(encoding)) ? undefined : chunk
  if (!(chunk instanceof Uint8Array)) return undefined
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
}
