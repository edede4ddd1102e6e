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

test('tells the connections that listen from those for data: cuts the ones, and leaves the others', async () => {
  const link = await start(await echo('hello'))
  const data = await open(link)
  await heard(data)
  const listener = await open(link)
  await heard(listener)
  // Not the word in somebody's data, but the command.
  data.write('*2\r\n$3\r\nGET\r\n$9\r\nsubscribe\r\n'.replace('\r\nsubscribe', ' subscribe'))
  await heard(data)
  listener.write('*2\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n')
  await heard(listener)
  expect(link.listeners).toBe(1)
  const closed = once(listener, 'close')
  link.cutListeners()
  await closed
  data.write('still here')
  expect(await heard(data)).toBe('still here')
  expect(link.listeners).toBe(0)
})

test('a muted connection is there and swallows everything, until it is cut', async () => {
  const link = await start(await echo('hello'))
  const data = await open(link)
  await heard(data)
  const listener = await open(link)
  await heard(listener)
  listener.write('*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nnews\r\n')
  await heard(listener)
  const muted = link.muteListeners()
  let swallowed = true
  listener.on('data', () => {
    swallowed = false
  })
  listener.write('anybody there?')
  // The other connection goes on, so that what would have come by now has come.
  for (let left = 3; left > 0; left--) {
    data.write('ping')
    await heard(data)
  }
  expect(swallowed).toBe(true)
  expect(listener.destroyed).toBe(false)
  const closed = once(listener, 'close')
  muted.cut()
  await closed
})
