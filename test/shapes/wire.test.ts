import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { connectHttp1 } from './wire/http1.ts'
import type { Received, RequestSpec } from './wire/types.ts'

const open: Server[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))))

/** Serves these bytes to whatever is asked, ends the connection, and returns what the client made of them. */
async function ask(bytes: string, request: RequestSpec = {}): Promise<Received | undefined> {
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(bytes, 'latin1'))
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const connection = await connectHttp1((server.address() as AddressInfo).port, () => {})
  try {
    return (await connection.send([request], true))[0]
  } finally {
    await connection.close()
  }
}

describe('the raw client', () => {
  it('keeps every header line as it came', async () => {
    const head =
      'HTTP/1.1 200 OK\r\nset-COOKIE: a=1\r\nSet-Cookie:b=2  \r\nset-COOKIE: a=1\r\nContent-Length: 2\r\n\r\nhi'
    expect(await ask(head)).toMatchObject({
      status: 200,
      headers: [
        ['set-COOKIE', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['set-COOKIE', 'a=1'],
        ['Content-Length', '2'],
      ],
      body: Buffer.from('hi'),
      cut: false,
    })
  })

  it('tells informational responses from the final one', async () => {
    const bytes = 'HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
    const received = await ask(bytes)
    expect(received).toMatchObject({ status: 404, informational: [{ status: 103, headers: [['X', '1']] }] })
  })

  it('puts chunks together and reads trailers', async () => {
    const bytes =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n'
    expect(await ask(bytes)).toMatchObject({
      body: Buffer.from('ab0123456789'),
      trailers: [['X-Sum', '1']],
      cut: false,
    })
  })

  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('notices that a response with %s was cut', async (_what, bytes) => {
    expect(await ask(bytes)).toMatchObject({ body: Buffer.from('half'), cut: true })
  })

  it.each([
    ['a bare line feed', 'HTTP/1.1 200 OK\r\nX: 1\nSet-Cookie: a=1\r\n\r\n', /bare CR or LF/],
    ['two framings', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n', /framed twice/],
    ['bytes after the end', 'HTTP/1.1 204 No Content\r\n\r\nghost', /5 bytes after the response/],
    ['no status line', 'hello\r\n\r\n', /not a status line/],
    ['a space in a name', 'HTTP/1.1 200 OK\r\nX A: 1\r\n\r\n', /not a header line/],
    [
      'a wrong chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n',
      /longer than its size/,
    ],
  ])('refuses %s', async (_what, bytes, message) => {
    await expect(ask(bytes)).rejects.toThrow(message)
  })
})
