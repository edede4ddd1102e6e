// A backend of bench:forward in a process of its own: `node forward.mjs <how> <port of the owner>`. `home` answers itself; `limpet home` and `limpet
// away` are two backends of one site, with limpet; all others pass on what they get.
import { createServer } from 'node:http'
import { ways } from './forwarders.mjs'

const [, , how = '', ownerPort = ''] = process.argv
const BODY = 'x'.repeat(200)

/** What is answered where a request is at home. */
function app(req, res) {
  if (req.url.startsWith('/download')) return download(res, Number(req.url.split('=')[1]))
  if (req.url === '/upload') return upload(req, res)
  if (req.url === '/events') return res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
  res.setHeader('Content-Type', 'text/plain')
  res.end(BODY)
}

function download(res, megabytes) {
  const chunk = Buffer.alloc(64 * 1024, 'x')
  let left = megabytes * 16
  res.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': left * chunk.length })
  const go = () => {
    while (left > 0) {
      left--
      if (!res.write(chunk)) return res.once('drain', go)
    }
    res.end()
  }
  go()
}

function upload(req, res) {
  let bytes = 0
  req.on('data', (chunk) => {
    bytes += chunk.length
  })
  req.on('end', () => res.end(String(bytes)))
}

const server = createServer()
server.keepAliveTimeout = 60_000
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address()
if (how.startsWith('limpet')) await withLimpet()
else if (how === 'home') server.on('request', app)
else {
  const [onRequest, onUpgrade] = await ways[how](ownerPort)
  server.on('request', onRequest)
  if (onUpgrade) server.on('upgrade', onUpgrade)
}
// Without a listener Node takes an upgrade for a request like any other.
if (how.endsWith('home') || how.startsWith('limpet')) await echo()
process.send?.({ type: 'ready', port })

async function withLimpet() {
  const [{ sticky }, { undiciHop }] = await Promise.all([import('limpet'), import('limpet/undici')])
  const limpet = sticky({
    backend: { id: how.replaceAll(/\W/g, '-'), url: `http://127.0.0.1:${port}` },
    misdirected: 'forward',
    ...(how.includes('undici') && { hop: undiciHop }),
    onEvent: ({ type, state, id }) => type === 'backend' && process.send?.({ type: 'peer', state, id }),
  })
  limpet.attach(server)
  server.on('request', app)
}

async function echo() {
  const { WebSocketServer } = await import('ws')
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
}

process.on('message', (message) => {
  if (message === 'usage') {
    globalThis.gc?.()
    const { rss, heapUsed, external } = process.memoryUsage()
    process.send({ type: 'usage', cpu: process.cpuUsage(), rss, heap: heapUsed + external })
  }
  if (message === 'exit') process.exit(0)
})
process.on('disconnect', () => process.exit(0))
