import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2'
import type { Connect, Informational, Lines, Received, RequestSpec } from './types.ts'

/** A client of HTTP/2 without TLS. Header fields are read from the raw list, so that doubles stay visible. */
export const connectHttp2: Connect = async (port, onHead) => {
  const session = connect(`http://127.0.0.1:${port}`)
  await new Promise<void>((resolve, reject) => {
    session.once('connect', () => resolve())
    session.once('error', reject)
  })
  session.on('error', () => {})
  return {
    send: (requests) => Promise.all(requests.map((request) => exchange(session, request, onHead))),
    close: () =>
      new Promise((resolve) => {
        session.once('close', resolve)
        session.destroy()
        if (session.closed && session.destroyed) setImmediate(resolve)
      }),
  }
}

function exchange(session: ClientHttp2Session, request: RequestSpec, onHead: () => void): Promise<Received> {
  const stream = session.request(headersOf(request), { endStream: request.body === undefined })
  if (!request.waitForContinue && request.body !== undefined) stream.end(request.body)
  return read(stream, onHead, () => void stream.end(request.body))
}

function headersOf(request: RequestSpec): Record<string, string | string[]> {
  const { method = 'GET', path = '/', headers = [] } = request
  const fields: Record<string, string | string[]> = { ':method': method, ':path': path }
  for (const [name, value] of headers) fields[name.toLowerCase()] = value
  if (request.waitForContinue) fields.expect = '100-continue'
  return fields
}

function read(stream: ClientHttp2Stream, onHead: () => void, onContinue: () => void): Promise<Received> {
  return new Promise((resolve, reject) => {
    const informational: Informational[] = []
    const chunks: Buffer[] = []
    let head: { status: number; headers: Lines } | undefined
    let trailers: Lines = []
    let ended = false
    stream.on('headers', (fields: IncomingHttpHeaders, _flags: number, raw: unknown) => {
      informational.push({ status: Number(fields[':status']), headers: pairs(raw) })
    })
    stream.on('continue', onContinue)
    stream.on('response', (fields: IncomingHttpHeaders, _flags: number, raw: unknown) => {
      head = { status: Number(fields[':status']), headers: pairs(raw) }
      onHead()
    })
    stream.on('trailers', (_fields: IncomingHttpHeaders, _flags: number, raw: unknown) => {
      trailers = pairs(raw)
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      ended = true
    })
    stream.on('error', () => {})
    stream.on('close', () => {
      if (!head) return reject(new Error(`the stream closed without a response (code ${stream.rstCode})`))
      const cut = !ended || stream.rstCode !== 0
      resolve({ statusLine: `${head.status}`, ...head, informational, body: Buffer.concat(chunks), trailers, cut })
    })
  })
}

function pairs(raw: unknown): Lines {
  if (!Array.isArray(raw)) throw new Error('this Node does not hand out the raw header list of HTTP/2')
  const lines: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) lines.push([String(raw[i]), String(raw[i + 1])])
  return lines.filter(([name]) => !name.startsWith(':'))
}
