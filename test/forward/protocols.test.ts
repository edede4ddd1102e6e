import { randomBytes } from 'node:crypto'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CallToolResultSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { createClient } from 'graphql-sse'
import { createClient as createSocketClient } from 'graphql-ws'
import { io, type Socket } from 'socket.io-client'
import { Upload } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { WebSocket } from 'ws'
import { until } from '../support/until.ts'
import { acquainted, BackendProcess } from './support/process.ts'
import { RoundRobin } from './support/round-robin.ts'

/** Three backends behind a balancer that keeps nobody anywhere. */
interface Site {
  readonly backends: readonly BackendProcess[]
  readonly balancer: RoundRobin
}

const sites: Site[] = []
async function start(name: string, misdirected: 'forward' | 'serve'): Promise<Site> {
  const ids = [1, 2, 3].map((n) => `${name}${n}`)
  const backends = await Promise.all(
    ids.map((id) => BackendProcess.start(id, inject('redisUrl'), 'stack.ts', [misdirected])),
  )
  const balancer = await RoundRobin.start(backends.map(({ port }) => port))
  const site = { backends, balancer }
  sites.push(site)
  if (misdirected === 'forward') await acquainted(backends)
  return site
}

let without: Site
let site: Site
beforeAll(async () => {
  ;[without, site] = await Promise.all([start('w', 'serve'), start('f', 'forward')])
})
afterAll(async () => {
  for (const { backends, balancer } of sites) {
    for (const one of backends) await one.kill()
    await balancer.stop()
  }
})

const sockets: Socket[] = []
afterAll(() => {
  for (const socket of sockets) socket.disconnect()
})

function open(url: string, options: object): Socket {
  const socket = io(url, { forceNew: true, ...options })
  sockets.push(socket)
  return socket
}

function heard(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => socket.once(event, resolve))
}

describe('Socket.IO', () => {
  it('with polling needs its process: without forwarding it does not connect', async () => {
    const socket = open(without.balancer.url, { transports: ['polling'], reconnection: false })
    const error = await Promise.race([heard(socket, 'connect_error'), heard(socket, 'disconnect')])
    expect(String(error)).toMatch(/xhr|transport/)
  })

  it.each([
    ['its usual transports', {}],
    ['polling alone', { transports: ['polling'] }],
    ['WebSockets alone', { transports: ['websocket'] }],
  ])('with %s: ten clients, and 200 KB there and back', async (_name, options) => {
    const clients = Array.from({ length: 10 }, () => open(site.balancer.url, options))
    await Promise.all(clients.map((socket) => socket.connected || heard(socket, 'connect')))
    const data = randomBytes(200_000)
    const answers = await Promise.all(clients.map((socket) => socket.timeout(20_000).emitWithAck('echo', data)))
    for (const answer of answers) expect(Buffer.compare(Buffer.from(answer), data)).toBe(0)
    const homes = await Promise.all(clients.map((socket) => socket.timeout(20_000).emitWithAck('who')))
    expect(new Set(homes).size).toBeGreaterThan(1)
  })
})

describe('MCP', () => {
  const clients: Client[] = []
  const connect = async ({ balancer }: Site) => {
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } })
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Ada' } }))
    const transport = new StreamableHTTPClientTransport(new URL('/mcp', balancer.url))
    clients.push(client)
    await client.connect(transport)
    return { client, transport }
  }
  const textOf = (result: unknown) => CallToolResultSchema.parse(result).content[0]
  afterAll(async () => {
    for (const client of clients) await client.close()
  })

  it('needs its process: without forwarding its session is not found', async () => {
    await expect(connect(without)).rejects.toThrow(/no such session/)
  })

  it('keeps its session: tools, progress, questions to the user, the stream of its own, the end', async () => {
    const { client, transport } = await connect(site)
    for (const text of ['1', '2', '3', '4'])
      expect(textOf(await client.callTool({ name: 'count' }))).toMatchObject({ text })

    const steps: number[] = []
    await client.callTool({ name: 'steps' }, undefined, { onprogress: ({ progress }) => void steps.push(progress) })
    expect(steps).toEqual([1, 2, 3])
    expect(textOf(await client.callTool({ name: 'ask' }))).toMatchObject({ text: 'Ada' })

    const heard: unknown[] = []
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(params.data))
    await until(async () => {
      await client.callTool({ name: 'announce' })
      return heard.length > 0
    }, 'the stream of its own speaks')
    expect(String(heard[0])).toMatch(/^from f[123]$/)

    await transport.terminateSession()
    await expect(client.callTool({ name: 'count' })).rejects.toThrow()
  })

  it('goes on with an answer that broke off, through another backend', async () => {
    const { client } = await connect(site)
    const { balancer } = site
    let token: string | undefined
    const call = { method: 'tools/call', params: { name: 'steps', _meta: { progressToken: 'p' } } } as const
    await client.request(call, CallToolResultSchema, {
      onresumptiontoken: (last) => {
        token ??= last
      },
    })
    expect(token).toBeDefined()
    const before = balancer.went.length
    const again = await client.request(call, CallToolResultSchema, { resumptionToken: token as string })
    expect(textOf(again)).toMatchObject({ text: 'done' })
    expect(balancer.went.length).toBeGreaterThan(before)
  })
})

describe('an upload in parts (tus)', () => {
  const data = randomBytes(1_000_000)
  const upload = ({ balancer }: Site, options: object = {}) =>
    new Promise<Upload>((resolve, reject) => {
      const endpoint = new URL('/files', balancer.url).href
      const one = new Upload(data, {
        endpoint,
        chunkSize: 150_000,
        retryDelays: null,
        onError: reject,
        onSuccess: () => resolve(one),
        ...options,
      })
      one.start()
    })

  it('needs the process where it began: without forwarding it is not found', async () => {
    await expect(upload(without)).rejects.toThrow(/404/)
  })

  it('comes together, whatever backends its parts come to; also when it broke off and goes on', async () => {
    const { url } = await upload(site)
    expect(await lengthOf(site, url)).toBe(data.length)

    const { balancer } = site
    const broken = await new Promise<Upload>((resolve) => {
      const one = new Upload(data, {
        endpoint: new URL('/files', balancer.url).href,
        chunkSize: 150_000,
        onChunkComplete: (_size, accepted) => {
          if (accepted >= 450_000) void one.abort().then(() => resolve(one))
        },
      })
      one.start()
    })
    const done = await upload(site, { uploadUrl: broken.url })
    expect(done.url).toBe(broken.url)
    expect(await lengthOf(site, done.url)).toBe(data.length)
  })
})

/** How much of it there is, as any backend says. */
async function lengthOf({ balancer }: Site, url: string | null): Promise<number> {
  const { headers } = await fetch(new URL(url ?? '', balancer.url), {
    method: 'HEAD',
    headers: { 'tus-resumable': '1.0.0' },
  })
  return Number(headers.get('upload-offset'))
}

describe('GraphQL over server-sent events, with one stream for all', () => {
  const ticks = ({ balancer }: Site) =>
    new Promise<unknown[]>((resolve, reject) => {
      const client = createClient({
        url: new URL('/graphql/stream', balancer.url).href,
        singleConnection: true,
        retryAttempts: 0,
      })
      const values: unknown[] = []
      client.subscribe(
        { query: 'subscription { ticks }' },
        {
          next: ({ data }) => void values.push(data?.ticks),
          error: reject,
          complete: () => {
            client.dispose()
            resolve(values)
          },
        },
      )
    })

  it('needs its process: without forwarding nobody knows its stream', async () => {
    await expect(ticks(without)).rejects.toThrow()
  })

  it('brings what was subscribed to', async () => {
    expect(await ticks(site)).toEqual([1, 2, 3])
  })
})

describe('GraphQL over WebSocket (graphql-ws)', () => {
  /** A browser that has subscribed: returns what it hears, and the function that says a word and resolves to how many heard it. */
  async function subscribed({ balancer }: Site) {
    const first = await fetch(new URL('/who', balancer.url))
    await first.text()
    const cookie = first.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    class Browser extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { headers: { cookie } })
      }
    }
    const url = `${balancer.url.replace('http', 'ws')}/graphql`
    const client = createSocketClient({ url, webSocketImpl: Browser, retryAttempts: 0 })
    const heard: unknown[] = []
    const next = ({ data }: { data?: { said?: unknown } | null }) => void heard.push(data?.said)
    const end = client.subscribe(
      { query: 'subscription { said }' },
      { next, error: () => undefined, complete: () => undefined },
    )
    const say = async (word: string) => {
      const query = `mutation { say(word: "${word}") }`
      const headers = { cookie, 'content-type': 'application/json' }
      const answer = await fetch(new URL('/graphql', balancer.url), {
        method: 'POST',
        headers,
        body: JSON.stringify({ query }),
      })
      return ((await answer.json()) as { data: { say: number } }).data.say
    }
    return { heard, say, end }
  }

  it('needs its process: without forwarding, two of three words are heard by nobody', async () => {
    const { say, end } = await subscribed(without)
    const thrice = async () => [await say('a'), await say('b'), await say('c')].sort()
    await until(async () => (await thrice()).includes(1), 'it has subscribed somewhere')
    expect(await thrice()).toEqual([0, 0, 1])
    end()
  })

  it('hears every word, whatever backend it is said to', async () => {
    const { heard, say, end } = await subscribed(site)
    await until(async () => (await say('first')) === 1, 'it has subscribed')
    expect([await say('a'), await say('b'), await say('c')]).toEqual([1, 1, 1])
    await until(() => heard.includes('c'), 'it has heard them')
    expect(heard.slice(-3)).toEqual(['a', 'b', 'c'])
    end()
  })
})

describe('workers of node:cluster, which share a port', () => {
  const start = async (id: string, misdirected: string) => {
    const primary = await BackendProcess.start(id, inject('redisUrl'), 'cluster.ts', [misdirected])
    sites.push({ backends: [primary], balancer: await RoundRobin.start([primary.port]) })
    return primary
  }
  const urlOf = ({ port }: BackendProcess) => `http://127.0.0.1:${port}`

  it('cannot serve polling without forwarding', async () => {
    const socket = open(urlOf(await start('v', 'serve')), { transports: ['polling'], reconnection: false })
    expect(String(await Promise.race([heard(socket, 'connect_error'), heard(socket, 'disconnect')]))).toMatch(
      /xhr|transport/,
    )
  })

  it('pass requests on to each other over sockets of their own', async () => {
    const primary = await start('u', 'forward')
    const isKnown = () =>
      primary.events.filter((event) => event.type === 'backend' && event.state === 'up').length >= 12
    await until(isKnown, 'each of four knows three')
    const clients = Array.from({ length: 12 }, () => open(urlOf(primary), { transports: ['polling'] }))
    await Promise.all(clients.map((socket) => socket.connected || heard(socket, 'connect')))
    const homes = () => Promise.all(clients.map((socket) => socket.timeout(20_000).emitWithAck('who')))
    const first = await homes()
    expect(new Set(first).size).toBeGreaterThan(1)
    for (let round = 0; round < 5; round++) expect(await homes()).toEqual(first)
  })
})

describe('a backend that is killed', () => {
  it('takes its connections along; clients connect anew, and live on another one', async () => {
    const [victim, ...others] = site.backends
    if (!victim) throw new Error('unreachable')
    const who = (socket: Socket) => socket.timeout(20_000).emitWithAck('who')
    const clients: Socket[] = []
    await until(async () => {
      const socket = open(site.balancer.url, { reconnectionDelay: 100, timeout: 2000 })
      clients.push(socket)
      return (await who(socket)) === victim.id
    }, 'one of them lives there')
    await victim.kill()
    await until(async () => {
      const homes = await Promise.all(clients.map(who))
      return homes.every((home) => others.some(({ id }) => id === home))
    }, 'all live on the others')
  })
})
