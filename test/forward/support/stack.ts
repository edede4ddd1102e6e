import cluster from 'node:cluster'
import { randomUUID } from 'node:crypto'
import { EventEmitter, on } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InMemoryEventStore } from '@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js'
import { FileStore } from '@tus/file-store'
import { Server as TusServer } from '@tus/server'
import express from 'express'
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString, graphql } from 'graphql'
import { createHandler } from 'graphql-sse/lib/use/express'
import { useServer } from 'graphql-ws/use/ws'
import { Server as SocketServer } from 'socket.io'
import { WebSocketServer } from 'ws'
import { sticky } from '../../../src/index.ts'
import { redisStoreFromUrl } from '../../../src/redis/from-url.ts'
import { SECRET } from './backend.ts'

/**
 * A backend that speaks protocols whose state cannot leave the process, as their documentation shows it. `argv`: its id, its port, where Redis is, and
 * `forward` or `serve`: what it does with requests of others. Of workers that share a port each has an id of its own.
 */
const [, , name = '', port = '', redisUrl = '', misdirected = ''] = process.argv
const id = name + (cluster.worker?.id ?? '')
const url = cluster.isWorker ? 'unix' : `http://127.0.0.1:${port}`
const forwards = misdirected === 'forward'
const limpet = sticky({
  secret: SECRET,
  store: redisStoreFromUrl(redisUrl),
  backend: { id, ...(forwards && { url }) },
  ...(forwards && {
    misdirected: 'forward',
    carriers: [
      { query: 'sid' },
      { header: 'mcp-session-id' },
      { header: 'x-graphql-event-stream-token' },
      { path: '/files/:id' },
    ],
  }),
  onEvent: (event) => process.send?.(event, () => undefined),
})
const newId = () => (forwards ? limpet.ownedId() : randomUUID())

const app = express()
const server = createServer(app)
const io = new SocketServer(server, { maxHttpBufferSize: 10_000_000 })
limpet.attach(server)
app.use(limpet)

// Socket.IO
if (forwards) io.engine.generateId = newId
io.on('connection', (socket) => {
  socket.on('echo', (data, answer) => answer(data))
  socket.on('who', (answer) => answer(id))
})

// MCP, as its SDK shows it for servers with sessions
const transports = new Map<string, StreamableHTTPServerTransport>()
app.all('/mcp', express.json(), async (req, res) => {
  const known = transports.get(String(req.headers['mcp-session-id']))
  if (known) return known.handleRequest(req, res, req.body)
  if (!isInitializeRequest(req.body)) {
    return void res.status(404).json({ jsonrpc: '2.0', error: { code: -32_000, message: 'no such session' }, id: null })
  }
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: newId,
    eventStore: new InMemoryEventStore(),
    onsessioninitialized: (session) => void transports.set(session, transport),
    onsessionclosed: (session) => void transports.delete(session),
  })
  await mcpServer().connect(transport)
  return transport.handleRequest(req, res, req.body)
})

function mcpServer(): McpServer {
  const mcp = new McpServer({ name: id, version: '1' }, { capabilities: { logging: {} } })
  let count = 0
  const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: String(value) }] })
  mcp.registerTool('count', { description: 'counts in the memory of the process' }, () => text(++count))
  mcp.registerTool('steps', { description: 'tells how far it is' }, async ({ _meta, sendNotification }) => {
    for (let progress = 1; progress <= 3; progress++) {
      const progressToken = _meta?.progressToken
      if (progressToken === undefined) break
      await sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } })
    }
    return text('done')
  })
  mcp.registerTool('ask', { description: 'asks the user' }, async () => {
    const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } }
    const { content } = await mcp.server.elicitInput({ message: 'your name?', requestedSchema })
    return text(content?.name)
  })
  mcp.registerTool('announce', { description: 'speaks on the stream of its own' }, async () => {
    await mcp.sendLoggingMessage({ level: 'info', data: `from ${id}` })
    return text('announced')
  })
  return mcp
}

// Uploads that go on, each in the folder of the process that began it
const folder = mkdtempSync(join(tmpdir(), 'limpet-tus-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const tus = new TusServer({
  path: '/files',
  datastore: new FileStore({ directory: folder }),
  namingFunction: newId,
  relativeLocation: true,
})
app.all(/^\/files/, (req, res) => void tus.handle(req, res))

// GraphQL over server-sent events, in the mode with one stream for all operations
const handler = createHandler({
  schema: schema(),
  authenticate: (req) => {
    const token =
      req.raw.headers['x-graphql-event-stream-token'] ?? new URL(`http://x${req.raw.url}`).searchParams.get('token')
    return typeof token === 'string' ? token : newId()
  },
})
app.use('/graphql/stream', (req, res, next) => void handler(req, res).catch(next))

// GraphQL over WebSocket: what one client says reaches those who have subscribed at the same process
const said = new EventEmitter()
const graphqlSockets = new WebSocketServer({ noServer: true })
useServer({ schema: schema() }, graphqlSockets)
server.on('upgrade', (req, socket, head) => {
  if (req.url !== '/graphql') return
  graphqlSockets.handleUpgrade(req, socket, head, (ws) => graphqlSockets.emit('connection', ws, req))
})
app.post('/graphql', express.json(), async (req, res) => {
  res.json(await graphql({ schema: schema(), source: req.body.query }))
})

function schema(): GraphQLSchema {
  const ticks = async function* () {
    for (let n = 1; n <= 3; n++) yield { ticks: n }
  }
  const words = async function* () {
    for await (const [word] of on(said, 'word')) yield { said: word }
  }
  const say = (_: unknown, { word }: { word?: string }) => {
    said.emit('word', word)
    return said.listenerCount('word')
  }
  return new GraphQLSchema({
    mutation: new GraphQLObjectType({
      name: 'Mutation',
      fields: { say: { type: GraphQLInt, args: { word: { type: GraphQLString } }, resolve: say } },
    }),
    query: new GraphQLObjectType({ name: 'Query', fields: { who: { type: GraphQLString, resolve: () => id } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        ticks: { type: GraphQLInt, subscribe: ticks },
        said: { type: GraphQLString, subscribe: words },
      },
    }),
  })
}

app.get('/who', (_req, res) => void res.send(id))
app.post('/store', async (req, res) => {
  await req.sticky.session.set('at', id)
  res.send(id)
})
server.listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
process.on('disconnect', () => process.exit())
