import { createServer } from 'node:http'
import express from 'express'
import { Redis } from 'ioredis'
import { WebSocketServer } from 'ws'
import { sticky } from '../../../src/index.ts'
import { redisStoreFromUrl } from '../../../src/redis/from-url.ts'
import { SECRET } from './backend.ts'

/**
 * A backend in a process of its own. `argv`: its id, its port, where Redis is, and where peers reach it, if that is not its port. It tells its
 * parent of its events.
 */
const [, , id = '', port = '', redisUrl = '', url = `http://127.0.0.1:${port}`] = process.argv
const server = createServer()
const limpet = sticky({
  secret: SECRET,
  store: redisStoreFromUrl(redisUrl),
  backend: { id, url },
  misdirected: 'forward',
  carriers: [{ query: 'sid' }],
  onEvent: (event) => process.send?.(event, () => undefined),
})
const redis = new Redis(redisUrl)
// Some tests end it.
redis.on('error', () => undefined)
const app = express()
limpet.attach(server)
app.use(limpet)
app.get('/who', (_req, res) => void res.send(id))
app.get('/ready', (_req, res) => void res.sendStatus(limpet.isReady() ? 200 : 503))
app.post(
  '/count',
  async (req, res) => void res.send(String(await req.sticky.session.update('n', (n) => Number(n ?? 0) + 1))),
)
app.post('/store', async (req, res) => {
  await req.sticky.session.set('at', id)
  res.send(id)
})
/** Says in Redis that it was asked, and then answers nothing more, or the half. */
app.post('/work/:what', async (req, res) => {
  await redis.incr(`work:${req.params.what}`)
  if (req.query.half === undefined) return
  res.write('half of it')
})
/** Whatever it does, it is only done when the body is there. */
app.post('/add/:what', (req, res) => {
  req.resume().on('end', async () => void res.send(String(await redis.incr(`work:${req.params.what}`))))
})
/** One byte after the other, for as long as somebody reads. */
app.get('/drip', (_req, res) => {
  const timer = setInterval(() => res.write('.'), 50)
  res.on('close', () => clearInterval(timer))
  res.write('.')
})
const sockets = new WebSocketServer({ server })
sockets.on('connection', (socket) => socket.on('message', (text) => socket.send(`${id} ${text}`)))
server.on('request', app)
server.listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
process.on('disconnect', () => process.exit())
// As docs/forwarding.md shows it.
process.on('SIGTERM', async () => {
  await limpet.drain({ deadline: '20s' })
  server.close(() => process.exit())
  await limpet.close()
})
