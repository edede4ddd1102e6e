import { connect } from 'node:net'
import { Bytes, Cut } from './bytes.ts'
import { type Connect, type Informational, type Lines, type Received, type RequestSpec, valuesOf } from './types.ts'

/** A client of HTTP/1.1 that reads the bytes itself: node:http's own would join, drop and forgive. */
export const connectHttp1: Connect = async (port, onHead) => {
  const socket = connect({ port, host: '127.0.0.1' })
  const bytes = new Bytes(socket)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return {
    async send(requests, last) {
      const close = last && requests.every((request) => request.version !== '1.0')
      socket.write(requests.map((request, i) => head(request, close && i === requests.length - 1)).join(''), 'latin1')
      const received: Received[] = []
      for (const request of requests) {
        const sendBody = () => void socket.write(request.body ?? '')
        received.push(await readResponse(bytes, request, onHead, sendBody))
      }
      if (last) await nothingMore(bytes)
      return received
    },
    async close() {
      socket.destroy()
    },
  }
}

function head(request: RequestSpec, close: boolean): string {
  const { method = 'GET', path = '/', version = '1.1', headers = [], body } = request
  const lines: [string, string][] = version === '1.1' ? [['Host', '127.0.0.1']] : []
  if (close) lines.push(['Connection', 'close'])
  if (body !== undefined) lines.push(['Content-Length', String(Buffer.byteLength(body))])
  if (request.waitForContinue) lines.push(['Expect', '100-continue'])
  const text = [...lines, ...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `${method} ${path} HTTP/${version}\r\n${text}\r\n${request.waitForContinue ? '' : (body ?? '')}`
}

/** Bytes after the last response are a framing error: the next response on that connection would start with them. */
async function nothingMore(bytes: Bytes): Promise<void> {
  const extra = await bytes.rest()
  if (extra.length > 0) throw new Error(`${extra.length} bytes after the response: ${JSON.stringify(`${extra}`)}`)
}

/** Reads one final response and the informational ones before it. */
export async function readResponse(
  bytes: Bytes,
  request: RequestSpec,
  onHead: () => void,
  onContinue: () => void,
): Promise<Received> {
  const informational: Informational[] = []
  for (;;) {
    const statusLine = await bytes.line()
    const match = /^HTTP\/1\.1 (\d{3}) .*$/.exec(statusLine)
    if (!match) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`)
    const status = Number(match[1])
    const headers = await readHeaders(bytes)
    if (status < 200) {
      informational.push({ status, headers })
      if (status === 100 && request.waitForContinue) onContinue()
      if (status !== 101) continue
    }
    onHead()
    const rest = await readBody(bytes, request.method ?? 'GET', status, headers)
    return { statusLine, status, headers, informational, ...rest }
  }
}

async function readHeaders(bytes: Bytes): Promise<Lines> {
  const lines: [string, string][] = []
  for (;;) {
    const line = await bytes.line()
    if (line === '') return lines
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line)
    if (!match) throw new Error(`not a header line: ${JSON.stringify(line)}`)
    lines.push([match[1] ?? '', match[2] ?? ''])
  }
}

type Body = Pick<Received, 'body' | 'trailers' | 'cut'>

async function readBody(bytes: Bytes, method: string, status: number, headers: Lines): Promise<Body> {
  const lengths = valuesOf(headers, 'Content-Length')
  const codings = valuesOf(headers, 'Transfer-Encoding')
  if (lengths.length + codings.length > 1) throw new Error(`framed twice: ${JSON.stringify([...lengths, ...codings])}`)
  if (method === 'HEAD' || status === 101 || status === 204 || status === 304) {
    return { body: Buffer.alloc(0), trailers: [], cut: false }
  }
  if (codings.length > 0) return readChunks(bytes)
  if (lengths.length === 0) return { body: await bytes.rest(), trailers: [], cut: false }
  try {
    return { body: await bytes.take(Number(lengths[0])), trailers: [], cut: false }
  } catch (error) {
    if (error instanceof Cut) return { body: error.got, trailers: [], cut: true }
    throw error
  }
}

async function readChunks(bytes: Bytes): Promise<Body> {
  const chunks: Buffer[] = []
  try {
    for (;;) {
      const size = await bytes.line()
      if (!/^[0-9a-fA-F]+$/.test(size)) throw new Error(`not a chunk size: ${JSON.stringify(size)}`)
      if (Number.parseInt(size, 16) === 0)
        return { body: Buffer.concat(chunks), trailers: await readHeaders(bytes), cut: false }
      chunks.push(await bytes.take(Number.parseInt(size, 16)))
      if ((await bytes.line()) !== '') throw new Error('a chunk longer than its size')
    }
  } catch (error) {
    if (error instanceof Cut) return { body: Buffer.concat(chunks), trailers: [], cut: true }
    throw error
  }
}
