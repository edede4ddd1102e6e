import type { ServerResponse } from 'node:http'
import type { Passing, Raw } from '../ports/misdirected.ts'
import { clear } from './answers.ts'
import { type BodyKind, requestFields, responseFields } from './peer-headers.ts'

/** Methods for which a request without a body needs no length. */
const WITHOUT_BODY = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])

export function fieldsFor(
  { request, awaitsContinue }: Raw & { readonly kind: 'request' },
  body: BodyKind,
  passing: Passing,
): string[] {
  const fields = requestFields(request, passing, body === 'chunked' ? ['Transfer-Encoding', 'chunked'] : [])
  if (body === 'none' && request.headers['content-length'] === undefined && !WITHOUT_BODY.has(request.method ?? '')) {
    fields.push('Content-Length', '0')
  }
  if (awaitsContinue || request.headers.expect === undefined) return fields
  // The client has had its 100 from Node already.
  const at = fields.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'expect')
  if (at !== -1) fields.splice(at, 2)
  return fields
}

/** As it came: Express takes off the path under which middleware is mounted. */
export function urlOf(request: { url?: string | undefined; originalUrl?: unknown }): string {
  return typeof request.originalUrl === 'string' ? request.originalUrl : (request.url ?? '/')
}

/** The head of the owner's answer. */
export interface AnswerHead {
  readonly statusCode: number
  readonly statusMessage?: string | undefined
  readonly rawHeaders: readonly string[]
  readonly connection: string | undefined
}

/**
 * As the owner wrote it, at once: an event stream has no body to wait for. A body that has come with the head leaves
 * with it.
 */
export function writeHead(response: ServerResponse, head: AnswerHead, timing: (() => string) | undefined): void {
  const { statusCode, statusMessage, rawHeaders, connection } = head
  const fields = responseFields(rawHeaders, connection)
  if (timing) fields.push('Server-Timing', timing())
  clear(response)
  response.sendDate = false
  if ('stream' in response) {
    const list: Record<string, string[]> = {}
    for (const [name, value] of inPairs(fields)) list[name.toLowerCase()] = [...(list[name.toLowerCase()] ?? []), value]
    for (const [name, values] of Object.entries(list))
      response.setHeader(name, values.length === 1 ? (values[0] ?? '') : values)
    response.writeHead(statusCode)
  } else response.writeHead(statusCode, statusMessage, fields)
  setImmediate(flush, response)
}

function flush(response: ServerResponse): void {
  if (!response.destroyed) response.flushHeaders()
}

/** A flat list of names and values, as Node has it. */
export function inPairs(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i] ?? '', flat[i + 1] ?? ''])
  return pairs
}
