import { HOP_HEADER } from '../core/hop.ts'
import type { Passing, Raw } from '../ports/misdirected.ts'

type Request = Raw['request']

/** Fields of one connection (RFC 9110 section 7.6.1), which end here. */
const OF_CONNECTION = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade'])

/**
 * The fields of a request as they came: order, spelling and repetitions. Without those of the connection, and those
 * that `Connection` names. A flat list of names and values.
 */
export function requestFields(request: Request, { hop, trace }: Passing, more: readonly string[] = []): string[] {
  const { headers } = request
  const fields = endToEnd(request.rawHeaders, headers.connection, trace)
  // HTTP/2 has the host in a field of its own.
  const authority = headers[':authority']
  if (headers.host === undefined && typeof authority === 'string') fields.push('Host', authority)
  if (headers.te?.includes('trailers')) fields.push('TE', 'trailers', 'Connection', 'TE')
  for (const name in trace) fields.push(name, trace[name] ?? '')
  fields.push(HOP_HEADER, hop, ...more)
  return fields
}

/** The fields of a peer's answer, likewise. */
export function responseFields(rawHeaders: readonly string[], connection: string | undefined): string[] {
  return endToEnd(rawHeaders, connection, NOTHING)
}

const NOTHING = {}

function endToEnd(raw: readonly string[], connection: string | undefined, replaced: object): string[] {
  const named = isUsual(connection) ? undefined : namedByConnection(connection)
  const fields: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i], raw[i + 1]]
    const lower = name.toLowerCase()
    if (name.startsWith(':') || OF_CONNECTION.has(lower) || lower === HOP_HEADER) continue
    if (named?.includes(lower) || Object.hasOwn(replaced, lower)) continue
    fields.push(name, value)
  }
  return fields
}

/** It names no field that is not left out anyway. */
function isUsual(connection: string | undefined): boolean {
  return connection === undefined || connection === 'keep-alive' || connection === 'close'
}

function namedByConnection(connection: string | undefined): string[] {
  return (connection ?? '').split(',').map((name) => name.trim().toLowerCase())
}

export type BodyKind = 'none' | 'sized' | 'chunked'

/** Has the request a body? What is chunked stays chunked, and nobody invents a length (RFC 9112 section 6.3). */
export function bodyOf({
  headers,
  httpVersionMajor,
  stream,
}: Request & { stream?: { endAfterHeaders?: boolean } }): BodyKind {
  if (headers['transfer-encoding'] !== undefined) return 'chunked'
  if (headers['content-length'] !== undefined) return headers['content-length'] === '0' ? 'none' : 'sized'
  return httpVersionMajor >= 2 && stream?.endAfterHeaders === false ? 'chunked' : 'none'
}
