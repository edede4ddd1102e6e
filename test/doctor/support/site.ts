import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type BalancerOptions, startBalancer } from '../../../examples/balancer/balancer.ts'
import { createKeyring } from '../../../src/core/keyring.ts'
import { memoryStore, sticky } from '../../../src/index.ts'
import { listen } from '../../http/support/server.ts'
import type { Certificate } from '../../support/certificate.ts'

/** What may be wrong with a site; nothing given: all is well. */
export interface Switches {
  /** How many backends. Default: 3. */
  readonly backends?: number
  readonly tls?: boolean
  /** Backends do not tell their names. */
  readonly nameless?: boolean
  /** Limpet in each backend; `secrets`: one for each; `clocks`: milliseconds by which each clock is ahead. */
  readonly limpet?: { readonly secrets?: readonly string[]; readonly clocks?: readonly number[] }
  /** Backends refuse WebSockets. */
  readonly noUpgrades?: boolean
  /** What the application's answers say beside its own; several faults may each add some. */
  readonly fields?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  /** Attributes of the application's session cookie. */
  readonly attributes?: string
  /** What a proxy takes out of the requests of the backends. */
  readonly losesCookies?: boolean
  readonly balancer?: Partial<BalancerOptions>
  /** Changes answers; those of several faults run one after the other. */
  readonly alters?: readonly NonNullable<BalancerOptions['alter']>[]
}

export interface Site {
  readonly url: string
  close(): Promise<void>
}

const SECRET = 'a secret that all backends share, long enough'

export async function startSite(switches: Switches, certificate?: Certificate): Promise<Site> {
  const { backends: count = 3, tls = false, alters = [], balancer = {} } = switches
  const backends = await Promise.all(Array.from({ length: count }, (_, at) => startBackend(at, switches)))
  const front = await startBalancer({
    backends: backends.map(({ port }) => `http://127.0.0.1:${port}`),
    bareErrors: false,
    movesOnRedirect: false,
    ...balancer,
    tls: tls ? certificate : undefined,
    alter: (answer, request) => {
      if (tls) secure(answer)
      for (const alter of alters) alter(answer, request)
    },
  })
  return {
    url: `${front.url}/`,
    close: async () => {
      await front.close()
      await Promise.all(backends.map((backend) => backend.close()))
    },
  }
}

function secure(answer: IncomingMessage): void {
  answer.headers['set-cookie'] &&= answer.headers['set-cookie'].map((line) => `${line}; Secure`)
}

async function startBackend(at: number, switches: Switches): Promise<{ port: number; close(): Promise<void> }> {
  const { limpet, losesCookies = false, noUpgrades = false, nameless = false } = switches
  const name = `b${at + 1}`
  const keeper = limpet ? keeperOf(name, at, limpet) : undefined
  const server = createServer((request, response) => {
    if (losesCookies) delete request.headers.cookie
    const serve = () => answer(request, response, name, switches)
    return keeper ? keeper.serve(request, response, serve) : serve()
  })
  const open = new Set<Duplex>()
  if (!noUpgrades) {
    server.on('upgrade', (_request, socket: Duplex) => {
      open.add(socket.on('error', () => undefined))
      const named = nameless ? '' : `X-Backend: ${name}\r\n`
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${named}\r\n`)
    })
  }
  const { port, close } = await listen(server)
  return {
    port,
    close: async () => {
      for (const socket of open) socket.destroy()
      await close()
      await keeper?.close()
    },
  }
}

function answer(request: IncomingMessage, response: ServerResponse, name: string, switches: Switches): void {
  const { nameless = false, fields = {}, cookies = [], attributes = 'Path=/; HttpOnly' } = switches
  if (!nameless) response.setHeader('X-Backend', name)
  for (const [field, value] of Object.entries(fields)) response.setHeader(field, value)
  response.appendHeader('Set-Cookie', [`sid=${name}${Math.random()}; ${attributes}`, ...cookies])
  const path = request.url ?? '/'
  if (path === '/login') response.writeHead(302, { Location: '/' }).end()
  else if (path === '/broken') response.writeHead(500).end('broken')
  else response.writeHead(path === '/' ? 200 : 404).end('the page')
}

interface Keeper {
  serve(request: IncomingMessage, response: ServerResponse, next: () => void): unknown
  close(): Promise<unknown>
}

/** limpet itself; or, where its clock is off, tokens as such a backend would sign them. */
function keeperOf(name: string, at: number, { secrets = [], clocks }: NonNullable<Switches['limpet']>): Keeper {
  const secret = secrets[at] ?? SECRET
  if (!clocks) {
    const limpet = sticky({ secret, store: memoryStore(), backend: { id: name }, onEvent: () => undefined })
    return { serve: (request, response, next) => limpet(request, response, next), close: () => limpet.close() }
  }
  const keyring = createKeyring([secret], 'limpet')
  return {
    serve(request, response, next) {
      const now = Date.now() + (clocks[at] ?? 0)
      const own = /limpet=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
      const id = Math.random().toString(36).slice(2).padEnd(24, 'x').slice(0, 24)
      const times = { version: 0, createdAt: now, touchedAt: 0, issuedAt: now }
      const token = { id, owner: name, boot: 'boot0000', ...times, lifetime: undefined, pendingFrom: undefined }
      response.appendHeader('Set-Cookie', `limpet=${own ?? keyring.sign(token)}; Path=/; HttpOnly`)
      next()
    },
    close: async () => undefined,
  }
}
