import { once } from 'node:events'
import { createServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { type StickyMiddleware, sticky } from '../../src/index.ts'
import { cookieNamed } from '../shapes/judge.ts'
import { Bytes } from '../shapes/wire/bytes.ts'
import { readResponse } from '../shapes/wire/http1.ts'
import { makeCertificate } from '../support/certificate.ts'
import { closeAll, later, listen, quiet } from './support/apps.ts'

afterEach(closeAll)

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n'
const answers: [what: string, status: number, bytes: string, nth: number][] = [
  ['400: no Host', 400, 'GET / HTTP/1.1\r\n\r\n', 0],
  ['417: an expectation that nobody listens for', 417, `${GET}Expect: a-miracle\r\n\r\n`, 0],
  ['503: more requests than maxRequestsPerSocket', 503, `${GET}\r\n${GET}\r\n`, 1],
  ['404: by the application', 404, `${GET}\r\n`, 0],
]

function make(create: (options: ServerOptions, app: express.Express) => Server, attach: boolean) {
  const { options, events } = quiet()
  const limpet: StickyMiddleware = sticky(options)
  later(() => limpet.close())
  const app = express().use(limpet)
  const server = create({ ServerResponse: limpet.ServerResponse }, app)
  server.maxRequestsPerSocket = 1
  if (attach) limpet.attach(server)
  return { server, events }
}

async function nthResponse(socket: ReturnType<typeof connect>, bytes: string, nth: number) {
  const reader = new Bytes(socket)
  socket.write(bytes, 'latin1')
  for (let i = 0; i < nth; i++) await readResponse(reader, {}, nothing, nothing)
  const received = await readResponse(reader, {}, nothing, nothing)
  socket.destroy()
  return received
}

const nothing = () => {}

describe.each([
  ['alone', false],
  ['and attach()', true],
] as const)('what Node answers itself, with limpet.ServerResponse %s (law 1)', (_with, attach) => {
  it.each(answers)('%s', async (_what, status, bytes, nth) => {
    const { server, events } = make(createServer, attach)
    const port = await listen(server)
    const received = await nthResponse(connect(port, '127.0.0.1'), bytes, nth)
    expect(received.status).toBe(status)
    expect(received.headers.filter(([name]) => name.toLowerCase() === 'set-cookie')).toHaveLength(1)
    expect(cookieNamed(received, 'limpet')).toMatch(/^limpet=2/)
    expect(events).toEqual([])
  })
})

it('https takes it as well', async () => {
  const certificate = await makeCertificate()
  const { server } = make((options, app) => createHttps({ ...options, ...certificate }, app), false)
  const port = await listen(server)
  const socket = connectTls({ port, host: '127.0.0.1', ca: certificate.cert })
  await once(socket, 'secureConnect')
  const received = await nthResponse(socket, 'GET / HTTP/1.1\r\n\r\n', 0)
  expect([received.status, cookieNamed(received, 'limpet')]).toEqual([400, expect.stringMatching(/^limpet=2/)])
})
