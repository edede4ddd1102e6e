import type { ServerResponse } from 'node:http'
import type { OurCookie, Raw } from '../ports/misdirected.ts'

/** Fields of an answer that is made here, for a request that the application does not see. */
export type Fields = Readonly<Record<string, string | string[]>>

/** A small answer of our own. Nothing keeps it: the same request may be answered otherwise a moment later. */
export function answer(raw: Raw, status: number, text: string, fields: Fields, cookie: OurCookie): void {
  const all = {
    ...fields,
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'private, no-store',
    ...(cookie === undefined ? {} : { 'Set-Cookie': cookie }),
  }
  if (raw.kind === 'upgrade') {
    answerSocket(raw, status, text, all)
    return
  }
  const { request } = raw
  const response = raw.response as ServerResponse
  if (response.headersSent || response.destroyed) return
  clear(response)
  response.writeHead(status, all)
  response.end(request.method === 'HEAD' ? undefined : text)
  // The rest of the body, which nobody reads.
  request.resume()
}

function answerSocket({ socket }: Raw & { kind: 'upgrade' }, status: number, text: string, fields: Fields): void {
  const all = { ...fields, 'Content-Length': String(Buffer.byteLength(text)), Connection: 'close' }
  const lines = Object.entries(all).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}\r\n`))
  socket.end(`HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}\r\n${lines.join('')}\r\n${text}`)
}

/** Names of the statuses that occur here; those of Node are a table of 60. */
const REASONS: Readonly<Record<number, string>> = {
  421: 'Misdirected Request',
  502: 'Bad Gateway',
  504: 'Gateway Timeout',
}

/** What frameworks have set before they knew who answers. */
export function clear(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
}
