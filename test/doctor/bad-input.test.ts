import type { RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type ExamineOptions, examine } from '../../src/doctor.ts'
import { listen, serve } from '../http/support/server.ts'
import { makeCertificate } from '../support/certificate.ts'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function site(listener: RequestListener): Promise<string> {
  const { port, close } = await serve(listener)
  ends.push(close)
  return `http://127.0.0.1:${port}/`
}

/** Bytes instead of HTTP; `undefined`: silence. */
async function tcp(bytes: string | undefined): Promise<string> {
  const open = new Set<Socket>()
  const server = createTcpServer((socket) => {
    open.add(socket.on('error', () => undefined))
    if (bytes !== undefined) socket.write(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
}

async function why(url: string, options: ExamineOptions = {}): Promise<string> {
  const error = await examine(url, options).then(
    ({ verdict, incomplete }) => `${verdict}: ${incomplete}`,
    (reason: unknown) => reason,
  )
  if (typeof error === 'string') return error
  expect(error).toMatchObject({ code: 'ERR_LIMPET_DOCTOR' })
  return (error as Error).message
}

describe('what cannot be checked gets a sentence', () => {
  test.each([
    ['', /is no URL to check/],
    ['example.com', /write it whole, as in https:\/\/example\.com/],
    ['ftp://example.com/', /is no URL to check/],
    ['http://user:secret@127.0.0.1/', /^take the name and password out of the URL/],
    ['http://127.0.0.1:1/', /^127\.0\.0\.1:1: nothing listens there/],
    ['http://no-such-host.invalid/', /^no-such-host\.invalid: the name/],
  ])('the URL %s', async (url, sentence) => {
    expect(await why(url)).toMatch(sentence)
  })

  test('a server that says nothing: the time for one request', async () => {
    expect(await why(await tcp(undefined), { timeout: 300 })).toMatch(
      /no complete answer came within|time limit was reached/,
    )
  })

  test.each(['SSH-2.0-OpenSSH_9.2\r\n', '220 mail.example ESMTP\r\n', '\u0000\u0001'])('no HTTP: %j', async (bytes) => {
    expect(await why(await tcp(bytes))).toMatch(/speaks no HTTP$/)
  })

  test('an answer that breaks off', async () => {
    const url = await site((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('a')
      response.socket?.end()
    })
    expect(await why(url)).toMatch(/broken off/)
  })

  test('a hundred megabytes: five are read', async () => {
    let sent = 0
    const url = await site((_request, response) => {
      const chunk = Buffer.alloc(100_000)
      const more = () => {
        while (!response.destroyed && sent < 100_000_000) {
          sent += chunk.length
          if (!response.write(chunk)) return response.once('drain', more)
        }
        return response.end()
      }
      more()
    })
    expect(await why(url)).toMatch(/larger than 5 MB: name a smaller page/)
    expect(sent).toBeLessThan(50_000_000)
  })

  test('redirects in a loop', async () => {
    const url = await site((request, response) => {
      response.writeHead(302, { Location: `/${Number(request.url?.slice(1)) + 1}` }).end()
    })
    expect(await why(url)).toMatch(/^the site redirects in a loop/)
  })

  test('redirects to another host or scheme: named, and not asked', async () => {
    let asked = 0
    const other = await site((_request, response) => {
      asked += 1
      response.end()
    })
    const url = await site((_request, response) => response.writeHead(301, { Location: other }).end())
    expect(await why(url)).toBe(`the site redirects to ${other}: name that URL, if it is the one to check`)
    expect(asked).toBe(0)
    const secure = url.replace('http:', 'https:')
    const upgrading = await site((_request, response) => response.writeHead(301, { Location: secure }).end())
    expect(await why(upgrading)).toMatch(/^the site redirects to https:/)
  })

  test('a certificate that nobody trusts, until it is said that it may be so', async () => {
    const server = await listen(createSecureServer(await makeCertificate(), (_request, response) => response.end('x')))
    ends.push(server.close)
    const url = `https://127.0.0.1:${server.port}/`
    expect(await why(url)).toMatch(/certificate is not trusted .*--insecure/)
    expect((await examine(url, { insecure: true })).verdict).toBe('healthy')
    expect(await why(url.replace('https:', 'http:'))).toMatch(/broken off|no HTTP/)
  })

  test('https at a port for plain http', async () => {
    const url = await site((_request, response) => response.end())
    expect(await why(url.replace('http:', 'https:'))).toMatch(/TLS failed/)
  })

  test.each<[string, ExamineOptions, RegExp]>([
    ['requests', { requests: 2 }, /from 3 to 100/],
    ['a path', { redirect: 'https://other.example/' }, /redirect is to be a path/],
    ['another host by a path', { ws: '//other.example/' }, /ws is to be a path/],
    ['a field of its own', { headers: { Cookie: 'a=1' } }, /name the cookies with --cookie/],
    ['a field that ends the head', { headers: { 'X-A': 'a\r\nHost: b' } }, /characters that no field may have/],
    ['a cookie that ends the head', { cookie: 'a=1\r\n' }, /characters that no field may have/],
    ['an address', { resolve: 'example.com' }, /to be an IP address/],
  ])('options: %s', async (_what, options, sentence) => {
    expect(await why('http://127.0.0.1:1/', options)).toMatch(sentence)
  })
})

describe('what goes wrong on the way', () => {
  test('a site that stops to answer: what is known, and why there is no more', async () => {
    let asked = 0
    const url = await site((_request, response) => {
      asked += 1
      if (asked < 5) response.setHeader('Set-Cookie', 'SERVERID=web1; Path=/').end('page')
    })
    const report = await examine(url, { timeout: 2000 })
    expect(report).toMatchObject({ verdict: 'unknown', incomplete: expect.stringMatching(/time limit/) })
    expect(report.exchanges).toHaveLength(4)
  })

  test('a site that sets ever more cookies gets no more back than browsers send', async () => {
    let most = 0
    let set = 0
    const url = await site((request, response) => {
      most = Math.max(most, (request.headers.cookie ?? '').split(';').length)
      response.setHeader(
        'Set-Cookie',
        Array.from({ length: 100 }, () => `c${set++}=1; Path=/`),
      )
      response.end('page')
    })
    expect((await examine(url)).incomplete).toBeUndefined()
    expect(most).toBe(180)
  })

  test('requests that fail in between are counted, and are no findings', async () => {
    let asked = 0
    const url = await site((request, response) => {
      asked += 1
      if (asked === 7) request.socket.destroy()
      else response.setHeader('Set-Cookie', 'SERVERID=web1; Path=/').end('page')
    })
    const report = await examine(url)
    expect(report.incomplete).toMatch(/^1 of \d+ requests got no answer: the connection was broken off/)
    expect(report.verdict).toBe('unknown')
  })

  test('interrupted: what is known', async () => {
    const interrupt = new AbortController()
    const url = await site((_request, response) => response.end('page'))
    const onProgress = ({ done }: { done: number }) => {
      if (done === 6) interrupt.abort()
    }
    const report = await examine(url, { signal: interrupt.signal, onProgress })
    expect(report).toMatchObject({ verdict: 'unknown', incomplete: 'it was interrupted' })
    expect(report.exchanges).toHaveLength(6)
  })
})

test('nothing but GET and HEAD, about forty, two at a time, with an honest name', async () => {
  const seen: string[] = []
  const agents = new Set<string | undefined>()
  let open = 0
  let most = 0
  const url = await site((request, response) => {
    seen.push(request.method ?? '')
    agents.add(request.headers['user-agent'])
    open += 1
    most = Math.max(most, open)
    setImmediate(() => {
      open -= 1
      response.end('page')
    })
  })
  await examine(url)
  expect(new Set(seen)).toEqual(new Set(['GET', 'HEAD']))
  expect(seen.length).toBeLessThanOrEqual(40)
  expect(most).toBeLessThanOrEqual(2)
  expect([...agents]).toEqual([expect.stringMatching(/^limpet-doctor/)])
})

test('fields, cookies and the address are those that were given', async () => {
  const seen = new Set<string>()
  const url = await site((request, response) => {
    seen.add(`${request.headers.host} ${request.headers['x-preview']} ${request.headers.cookie}`)
    response.end('page')
  })
  const { port } = new URL(url)
  await examine(`http://shop.example:${port}/`, {
    resolve: '127.0.0.1',
    headers: { 'X-Preview': 'yes' },
    cookie: 'consent=1; beta=2',
  })
  expect([...seen]).toEqual([`shop.example:${port} yes consent=1; beta=2`])
})
