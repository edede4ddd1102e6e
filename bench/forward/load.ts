import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { WebSocket } from 'ws'
import type { Backend } from './site.ts'

export interface Small {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p99: number
  /** Microseconds of the server's process for one request. */
  readonly cpu: number
}

/** Small requests, one after the other on 50 connections, by wrk. */
export async function small({ port, usage }: Backend, cookie: string, seconds: number): Promise<Small> {
  const before = await usage()
  const args = ['-t1', '-c50', `-d${seconds}s`, '--latency', '-H', `Cookie: ${cookie}`, `http://127.0.0.1:${port}/`]
  const text = execFileSync('wrk', args, { encoding: 'utf8' })
  const after = await usage()
  const [, count] = /(\d+) requests in/.exec(text) ?? []
  const [, perSecond] = /Requests\/sec:\s+([\d.]+)/.exec(text) ?? []
  const [, p99, unit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(text) ?? []
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`wrk had errors:\n${text}`)
  const inMs = { us: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN
  return { perSecond: Number(perSecond), p99: Number(p99) * inMs, cpu: (after.cpu - before.cpu) / Number(count) }
}

/** Seconds for so many megabytes in one direction. */
export async function bulk({ port }: Backend, cookie: string, way: 'up' | 'down', megabytes: number): Promise<number> {
  const began = performance.now()
  const headers = { cookie, ...(way === 'up' && { 'content-length': String(megabytes * 1024 * 1024) }) }
  const path = way === 'up' ? '/upload' : `/download?mb=${megabytes}`
  const req = request({ port, host: '127.0.0.1', path, method: way === 'up' ? 'POST' : 'GET', headers, agent: false })
  const answered = once(req, 'response')
  if (way === 'up') await send(req, megabytes)
  req.end()
  const [response] = await answered
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  await once(response, 'end')
  if (way === 'down' && bytes !== megabytes * 1024 * 1024) throw new Error(`${bytes} bytes came`)
  return (performance.now() - began) / 1000
}

async function send(req: ReturnType<typeof request>, megabytes: number): Promise<void> {
  const chunk = Buffer.alloc(64 * 1024, 'x')
  for (let n = 0; n < megabytes * 16; n++) if (!req.write(chunk)) await once(req, 'drain')
}

/** Bytes of live memory for each of so many idle event streams. */
export async function streams({ port, usage }: Backend, cookie: string, count: number): Promise<number> {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
  const open = async () => {
    const req = request({ port, host: '127.0.0.1', path: '/events', headers: { cookie }, agent }).end()
    req.on('error', () => undefined)
    await once(req, 'response')
    return req
  }
  const warm = await open()
  const before = await usage()
  const all: Awaited<ReturnType<typeof open>>[] = []
  while (all.length < count) all.push(...(await Promise.all(Array.from({ length: 50 }, open))))
  const after = await usage()
  for (const req of [warm, ...all]) req.destroy()
  return (after.heap - before.heap) / count
}

/** Messages there and back in a second, on 50 WebSockets of which each waits for its answer. */
export async function echo({ port }: Backend, cookie: string, seconds: number): Promise<number> {
  const sockets = Array.from({ length: 50 }, () => new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { cookie } }))
  await Promise.all(sockets.map((socket) => once(socket, 'open')))
  let count = 0
  for (const socket of sockets) {
    socket.on('message', () => {
      count++
      socket.send('x'.repeat(100))
    })
    socket.send('x'.repeat(100))
  }
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const echoed = count / seconds
  for (const socket of sockets) socket.terminate()
  return echoed
}
