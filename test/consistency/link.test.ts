import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Link } from './driver/link.ts'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end()
})

/** A server that greets each connection and sends everything back. */
async function echo(greeting: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write(greeting)
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => server.close())
  return Object(server.address()).port
}

async function open(link: Link): Promise<Socket> {
  const socket = connect(link.port, '127.0.0.1')
  cleanUp.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function heard(socket: Socket): Promise<string> {
  const [chunk] = await once(socket, 'data')
  return String(chunk)
}

async function start(port: number): Promise<Link> {
  const link = await Link.start(port)
  cleanUp.push(() => link.stop())
  return link
}

test('passes both ways, in order, late when told to', async () => {
  const link = await start(await echo('hello'))
  link.slow(
    () => 20,
    () => 40,
  )
  const before = performance.now()
  const socket = await open(link)
  expect(await heard(socket)).toBe('hello')
  socket.write('one')
  expect(await heard(socket)).toBe('one')
  // The greeting and the echo come back, one word goes forth; timers may be a millisecond early.
  expect(performance.now() - before).toBeGreaterThan(95)
})

test('holds back, and delivers when it is released', async () => {
  const link = await start(await echo('hello'))
  const socket = await open(link)
  await heard(socket)
  link.hold()
  let early = ''
  const listen = (chunk: Buffer) => {
    early += chunk
  }
  socket.on('data', listen)
  socket.write('one')
  const other = await start(await echo('meanwhile'))
  await heard(await open(other))
  expect(early).toBe('')
  socket.off('data', listen)
  link.release()
  expect(await heard(socket)).toBe('one')
})

test('cut: connections break, what was held is lost, and new ones lead to the new target', async () => {
  const link = await start(await echo('first'))
  const socket = await open(link)
  socket.on('error', () => undefined)
  await heard(socket)
  link.hold()
  socket.write('lost')
  link.target = await echo('second')
  link.cut()
  await new Promise((resolve) => socket.once('close', resolve))
  link.release()
  expect(await heard(await open(link))).toBe('second')
})
