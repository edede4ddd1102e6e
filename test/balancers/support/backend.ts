import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Sticky, type StickyOptions, sticky } from '../../../src/index.ts'
import { redisStoreFromUrl } from '../../../src/redis/from-url.ts'

type Request = IncomingMessage & { sticky: Sticky }

/** On which backend each request came out of the balancer, by its number. */
export type Landings = Map<string, string>

/** One backend of an application, which can be stopped and started again where it was. */
export class Backend {
  readonly name: string
  readonly #options: StickyOptions
  readonly #landings: Landings
  #port = 0
  #server: Server | undefined
  #limpet: ReturnType<typeof sticky> | undefined

  constructor(name: string, landings: Landings, options: StickyOptions) {
    this.name = name
    this.#landings = landings
    this.#options = options
  }

  get port(): number {
    return this.#port
  }

  get isReady(): boolean {
    return this.#limpet?.isReady() === true
  }

  /** A free port at first, and then the same. `hint`: what the balancer knows it by; undefined: it is told nothing. */
  async listen(): Promise<void> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async start(redisUrl: string, hint: string | undefined): Promise<void> {
    if (!this.#server?.listening) await this.listen()
    const server = this.#server as Server
    const limpet = sticky({
      secret: 'the secret of the tests with real balancers',
      store: redisStoreFromUrl(redisUrl),
      backend: { id: this.name, url: `http://127.0.0.1:${this.#port}` },
      misdirected: 'forward',
      skip: ({ url }) => url === '/ready',
      onEvent: () => undefined,
      ...(hint !== undefined && { hint: { cookie: 'route', value: hint } }),
      ...this.#options,
    })
    limpet.attach(server)
    this.#limpet = limpet
    server.on('request', (req, res) => void this.#answer(req as Request, res))
    const sockets = new WebSocketServer({ noServer: true })
    const tell = (ws: WebSocket, { sticky }: Request) => ws.send(sticky.owner)
    server.on('upgrade', (req, socket, head) =>
      sockets.handleUpgrade(req, socket, head, (ws) => tell(ws, req as Request)),
    )
    // In front of limpet, which takes what belongs to another backend.
    const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean
    server.emit = ((event: string, ...args: unknown[]) => {
      if (event === 'request' || event === 'upgrade') this.#land(args[0] as IncomingMessage)
      return emit(event, ...args)
    }) as typeof server.emit
  }

  async drain(): Promise<void> {
    await this.#limpet?.drain({ deadline: '6s' })
    await this.stop()
  }

  async stop(): Promise<void> {
    await this.#limpet?.close()
    const server = this.#server
    if (!server?.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  #land({ headers }: IncomingMessage): void {
    const number = headers['x-number']
    if (typeof number === 'string' && headers['limpet-hop'] === undefined) this.#landings.set(number, this.name)
  }

  async #answer(req: Request, res: ServerResponse): Promise<void> {
    const { pathname } = new URL(`http://site${req.url}`)
    if (pathname === '/ready') return void res.writeHead(this.isReady ? 200 : 503).end()
    if (pathname === '/store') await req.sticky.session.set('name', req.headers['x-number'] ?? '')
    const status = { '/missing': 404, '/out': 302 }[pathname] ?? 200
    const { owner, id } = req.sticky
    res.writeHead(status, { 'x-owner': owner, 'x-session': id, ...(status === 302 && { location: '/' }) })
    res.end(this.name)
  }
}
